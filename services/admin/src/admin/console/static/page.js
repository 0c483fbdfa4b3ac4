// Refreshes what is marked `data-live` every second while the page is visible. It changes only what differs, so the form,
// the focus and a selection stay; a screen reader is told only of what ends and of the state of the stack.
"use strict";

const PERIOD = 1000;
const TIMEOUT = 5000;
const LIVE = ["pending", "running"];
const SILENT = "The console does not answer; below is the last known state.";
const TITLE = document.title;

const pause = document.getElementById("pause");
const news = document.getElementById("news");
let timer;

async function refresh() {
  clearTimeout(timer);
  if (document.hidden || pause.getAttribute("aria-pressed") === "true") return;
  try {
    const answer = await fetch("/", { signal: AbortSignal.timeout(TIMEOUT) });
    // The session has ended: it leads to the form.
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = states();
    for (const live of document.querySelectorAll("[data-live]")) update(live, fresh.getElementById(live.id));
    document.documentElement.classList.remove("stale");
    document.title = TITLE;
    announce(before, states());
  } catch {
    showSilence();
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, PERIOD);
}

// The state of the stack is unknown now, so nothing may look healthy. The next answer updates all of it.
function showSilence() {
  document.documentElement.classList.add("stale");
  document.title = `No answer: ${TITLE}`;
  const verdict = document.querySelector(".verdict");
  verdict.className = "verdict down";
  verdict.textContent = `The console has not answered since ${lastAnswer()}.`;
  for (const component of document.querySelectorAll(".components li")) {
    component.className = "unknown";
    component.querySelector("strong").textContent = "unknown";
  }
  say(SILENT);
}

function lastAnswer() {
  return `${document.getElementById("as-of").dateTime.slice(11, 19)} UTC`;
}

// What is announced when it changes: the verdict on the stack, and the state of each row by its id.
function states() {
  const rows = [...document.querySelectorAll("[data-state]")].map((row) => [row.id, row.dataset]);
  const known = new Map(rows.map(([id, { state, name }]) => [id, { state, text: `${name}: ${state}.` }]));
  const verdict = document.querySelector(".verdict").textContent;
  return known.set("verdict", { state: verdict, text: verdict });
}

function announce(before, after) {
  const changed = [...after].filter(([id, now]) => before.get(id)?.state !== now.state && !LIVE.includes(now.state));
  const text = changed.map(([, now]) => now.text).join(" ");
  if (text || news.textContent === SILENT) say(text);
}

function say(text) {
  if (news.textContent !== text) news.textContent = text;
}

// Makes an element equal to a fresh one. Children with an id are matched by it, the others by their position. An element
// with the focus is not removed; a later update does that.
function update(now, fresh) {
  if (now.isEqualNode(fresh)) return;
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.data = fresh.data;
    return;
  }
  for (const { name } of [...now.attributes]) if (!fresh.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  let place = now.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = child.id ? [...now.children].find((each) => each.id === child.id) : alike(place, child) && place;
    if (same) {
      while (place && place !== same) place = drop(place);
      update(same, child);
      place = same.nextSibling;
    } else {
      now.insertBefore(document.adoptNode(child), place);
    }
  }
  while (place) place = drop(place);
}

function alike(one, other) {
  return one && !one.id && one.nodeName === other.nodeName;
}

function drop(node) {
  const next = node.nextSibling;
  if (!node.contains(document.activeElement)) node.remove();
  return next;
}

pause.hidden = false;
document.getElementById("refresh").hidden = true;
pause.addEventListener("click", () => {
  pause.setAttribute("aria-pressed", String(pause.getAttribute("aria-pressed") !== "true"));
  refresh();
});
document.addEventListener("visibilitychange", refresh);
timer = setTimeout(refresh, PERIOD);
