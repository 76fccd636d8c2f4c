// What does npm's mailauth say of each mail in a folder? Prints {name: [verdict of each signature]}; asks no DNS.
// node mailauth_check.cjs NODE_MODULES FOLDER '{"selector._domainkey.domain": "v=DKIM1; …"}'
const fs = require("node:fs");
const path = require("node:path");
const [modules, folder, zone] = process.argv.slice(2);
const { dkimVerify } = require(path.join(modules, "mailauth/lib/dkim/verify"));
const records = JSON.parse(zone);
const resolver = async (name, type) => {
  if (type === "TXT" && records[name]) return [[records[name]]];
  throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
};
(async () => {
  const found = {};
  for (const file of fs.readdirSync(folder)) {
    const { results } = await dkimVerify(fs.readFileSync(path.join(folder, file)), { resolver });
    found[file] = results.map((one) => one.status.result);
  }
  process.stdout.write(JSON.stringify(found));
})();
