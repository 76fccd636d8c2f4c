// What a console page gains with a script: clocks that count on, and keys. Without it everything works the same.
"use strict";

// Business time may lie elsewhere than this browser's clock, so clocks go on from the instant the page was made at.
const madeAt = Date.parse(document.querySelector(".bottom time")?.dateTime ?? "");
const openedAt = performance.now();

function span(minutes) {
  const days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60) % 24, rest = minutes % 60;
  if (days >= 3) return `${days} days`;
  if (days) return `${days} day${days > 1 ? "s" : ""}${hours ? ` ${hours} h` : ""}`;
  if (hours) return `${hours} h${rest ? ` ${rest} min` : ""}`;
  return `${rest} min`;
}

function relabel() {
  const now = madeAt + (performance.now() - openedAt);
  for (const clock of document.querySelectorAll("time[data-due]")) {
    const left = Date.parse(clock.dateTime) - now;
    const minutes = Math.floor(Math.abs(left) / 60000);
    clock.textContent = minutes === 0 ? "now" : left > 0 ? `in ${span(minutes)}` : `overdue by ${span(minutes)}`;
    clock.classList.toggle("late", left < 0);
  }
}

function move(step) {
  const items = [...document.querySelectorAll("[data-item]")];
  if (items.length === 0) return document.querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]")?.focus();
  const here = items.findIndex((item) => item.contains(document.activeElement));
  const next = items[Math.min(items.length - 1, Math.max(0, here + step))];
  next.querySelector("a").focus();
}

// The button of a key in the item one is at, else the first of the page. Enter presses it: one slip must decide nothing.
function goTo(key) {
  const button = `[data-press="${key}"]`;
  const found = document.activeElement.closest("[data-item]")?.querySelector(button) ?? document.querySelector(button);
  found?.focus();
  return found !== null;
}

function help() {
  const keys = document.querySelector("[data-keys]");
  if (!keys) return false;
  keys.open = !keys.open;
  if (keys.open) keys.querySelector("summary").focus();
  return true;
}

// The inbox has keys of its own (keys.js).
if (!document.querySelector("script[src='/static/keys.js']")) document.addEventListener("keydown", (event) => {
  const writes = event.target.matches("input:not([type=radio]), select, textarea");
  if (writes || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "o" && document.activeElement.closest("[data-item]")) document.activeElement.closest("[data-item]").querySelector("a").click();
  else if (/^[mxu]$/.test(event.key)) { if (!goTo(event.key)) return; }
  else if (event.key === "?") { if (!help()) return; }
  else return;
  event.preventDefault();
});

if (!Number.isNaN(madeAt)) setInterval(relabel, 30000);
