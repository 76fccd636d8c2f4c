// What does npm's mailparser read in each mail of a folder? Prints {name: {to, address, subject, text}}.
// node mailparser_read.cjs NODE_MODULES FOLDER
const fs = require("node:fs");
const path = require("node:path");
const [modules, folder] = process.argv.slice(2);
const { simpleParser } = require(path.join(modules, "mailparser"));
(async () => {
  const found = {};
  for (const file of fs.readdirSync(folder)) {
    const mail = await simpleParser(fs.readFileSync(path.join(folder, file)));
    const [to] = mail.to.value;
    found[file] = { to: to.name, address: to.address, subject: mail.subject || "", text: mail.text };
  }
  process.stdout.write(JSON.stringify(found));
})();
