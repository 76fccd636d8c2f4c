// What a page of a microsite does beyond being read: it counts how long it is seen, works a sum out as one types, and
// offers the guide to who read on. Nothing is stored in the browser: a session's name lives in memory, and goes from page
// to page of this site in the part of an address that is never sent (#), which the next page takes out again.
"use strict";

(() => {
  const body = document.body;
  const { site, piece, after } = body.dataset;
  const asked = new URLSearchParams(location.search);
  const came = /^#s=([A-Za-z0-9_-]{16,40})(?:\.([a-z0-9-]+(?:\.[a-z0-9-]+)*))?$/.exec(location.hash);
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
  const session = came ? came[1] : fresh();
  const read = new Set(came && came[2] ? came[2].split(".") : []);
  const reader = asked.get("r") || "";
  if (came) history.replaceState(null, "", location.pathname + location.search);

  // ── The session goes along within the site ──
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.origin !== location.origin || !link.pathname.startsWith(`/m/${site}`) || link.hash) return;
    link.hash = `s=${[session, ...read].join(".")}`;
    setTimeout(() => { link.hash = ""; });
  });
  for (const form of document.querySelectorAll("form.asks")) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "reading", value: session });
    form.append(field);
  }

  // ── How long it is seen: while it is in front and somebody was here in the last half minute ──
  let seconds = 0, told = 0, moved = false, here = Date.now();
  const stir = () => { moved = true; here = Date.now(); };
  for (const kind of ["scroll", "pointermove", "pointerdown", "keydown", "touchstart"]) {
    addEventListener(kind, stir, { passive: true });
  }
  const tell = () => {
    if (!piece || seconds <= told || seconds < 5) return;
    told = seconds;
    const word = JSON.stringify({ session, piece, seconds, moved, reader, track: asked.get("t") || null });
    navigator.sendBeacon(`/m/${site}/seen`, word);
  };
  const offered = document.getElementById("offered");
  if (piece) setInterval(() => {
    if (document.visibilityState !== "visible" || Date.now() - here > 30000) return;
    seconds += 1;
    if ([5, 15, 30, 61, 120].includes(seconds) || seconds % 300 === 0) tell();
    if (seconds === 30) read.add(piece);
    if (offered && offered.hidden && read.size >= Number(after)) offered.hidden = false;
  }, 1000);
  if (offered && new Set([...read, piece]).size > Number(after)) offered.hidden = false;
  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") tell(); });
  addEventListener("pagehide", tell);

  // ── A sum as one types: worked out where it is worked out without a script, too ──
  const figures = document.querySelector("form[data-live]");
  if (!figures) return;
  figures.querySelector("button").hidden = true;
  let turn = 0;
  const again = async () => {
    const mine = ++turn;
    const filled = new URLSearchParams(new FormData(figures));
    const kept = document.querySelector("form.asks input[name=figures]");
    if (kept) kept.value = filled.toString();
    const answer = await fetch(`${figures.action.split("#")[0]}?${filled}&part=sum`);
    if (!answer.ok || mine !== turn) return;
    const said = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("sum");
    if (said) document.getElementById("sum").replaceWith(said);
  };
  let soon = 0;
  figures.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(again, 150); });
  figures.addEventListener("submit", (event) => { event.preventDefault(); again(); });
})();
