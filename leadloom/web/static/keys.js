// What the inbox gains with a script: keys, a search that narrows as one types, and clocks that speak up twice.
// Without it every button and link on the page does the same by hand. Keys act on the lead one stands on, on no other.
"use strict";

const OFF = "leadloom.keys.off";
const items = () => [...document.querySelectorAll("[data-item]")].filter((item) => !item.hidden);
const here = () => document.activeElement.closest("[data-item]") ?? document.querySelector("[data-item]:has(:target)");
const live = document.querySelector("[data-live]");

function say(words) {
  if (live) live.textContent = words;
}

function stand(item) {
  item?.querySelector("a").focus();
  item?.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = items();
  const at = all.indexOf(here());
  stand(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]);
}

function ask(item, key) {
  const panel = item?.querySelector(`[data-ask="${key}"]`);
  if (!panel) return;
  for (const other of item.querySelectorAll("[data-ask]")) other.open = other === panel && !panel.open;
  if (panel.open) panel.querySelector(".panel [data-key]")?.focus();
  else panel.querySelector("summary").focus();
}

// A digit presses the chip of the open panel: what asks for more opens, what is locked says why, the rest is sent.
function press(item, key) {
  const chip = item?.querySelector(`[data-ask][open] [data-key="${CSS.escape(key)}"]`);
  if (!chip) return;
  if (chip.dataset.locked) say(chip.dataset.locked);
  chip.focus();
  if (!chip.dataset.locked) chip.click();
  chip.parentElement.querySelector(".asked-more :is(button, input:not([type=hidden]))")?.focus();
}

function close() {
  const item = here();
  const open = [...(item?.querySelectorAll("details[open]") ?? [])].pop();
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
}

function help() {
  const keys = document.querySelector("[data-keys]");
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
  keys.scrollIntoView({ block: "nearest" });
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  o: () => { const about = here()?.querySelector("[data-about]"); if (about) about.open = !about.open; },
  a: () => here()?.querySelector("[data-act=a]")?.click(),
  r: () => ask(here(), "r"),
  s: () => ask(here(), "s"),
  z: () => document.querySelector("[data-undo]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": help,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
  if (event.key === "Escape") return event.target.matches("[data-search]") ? event.target.blur() : close();
  if (event.target.matches("input:not([type=checkbox]), select, textarea") || localStorage.getItem(OFF)) return;
  const act = acts[event.key] ?? (/^\d$/.test(event.key) ? () => press(here(), event.key) : undefined);
  if (!act) return;
  event.preventDefault();
  act();
});

const switched = document.querySelector("[data-keys-on]");
if (switched) {
  switched.checked = !localStorage.getItem(OFF);
  switched.addEventListener("change", () => switched.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"));
}

document.querySelector("[data-search]")?.addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of document.querySelectorAll("[data-item]")) {
    const told = item.textContent.toLowerCase();
    item.hidden = !words.every((word) => told.includes(word));
  }
  say(`${items().length} of ${document.querySelectorAll("[data-item]").length} leads`);
});

// What was typed into an opener is what gets copied and written.
document.addEventListener("click", async (event) => {
  const talk = event.target.closest(".talk");
  const text = talk?.querySelector("[data-opener]").value;
  const letter = event.target.closest("[data-letter]");
  if (letter) {
    const fields = `subject=${encodeURIComponent(letter.dataset.subject)}&body=${encodeURIComponent(text)}`;
    letter.href = `mailto:${letter.dataset.letter}?${fields}`;
  } else if (event.target.closest("[data-copy]")) {
    await navigator.clipboard.writeText(text);
    event.target.textContent = "Copied";
    say("Copied");
  }
});
if (navigator.clipboard) for (const copy of document.querySelectorAll("[data-copy]")) copy.hidden = false;

// A clock is heard twice: when half of its time is gone, and when it has run out. Business time may lie elsewhere than
// this browser's clock, so it goes on from the instant the page was made at.
const pageMadeAt = Date.parse(document.querySelector(".bottom time")?.dateTime ?? "");
const pageOpenedAt = performance.now();
let heardAt = pageMadeAt;

function listen() {
  const now = pageMadeAt + (performance.now() - pageOpenedAt);
  const passed = (instant) => instant > heardAt && instant <= now;
  for (const item of document.querySelectorAll("[data-half]")) {
    const clock = item.querySelector(".work-clock");
    const due = clock?.querySelector("time");
    if (!due) continue;
    if (passed(Date.parse(due.dateTime))) {
      clock.classList.replace("half", "late") || clock.classList.add("late");
      item.classList.add("overdue");
      clock.querySelector(".half-words").textContent = "";
      say(`The clock of ${item.dataset.name} has run out`);
    } else if (passed(Date.parse(item.dataset.half))) {
      clock.classList.add("half");
      clock.querySelector(".half-words").textContent = "half gone";
      say(`Half of the time for ${item.dataset.name} is gone, ${due.textContent}`);
    }
  }
  heardAt = now;
}
setInterval(listen, 5000);

const undo = document.querySelector("[data-undo-words]");
if (undo) say(undo.dataset.undoWords);
