// Renews what is marked `data-live` every second while somebody looks. It changes only what differs, so the form, the
// focus and a selection stay as they are; of all changes only the ends of reports and of outages are read out.
"use strict";

const PERIOD = 1000;
const PATIENCE = 5000;
const LIVE = ["pending", "running"];
const SILENT = "The API does not answer; below is how things were.";
const TITLE = document.title;

const pause = document.getElementById("pause");
const news = document.getElementById("news");
let timer;

async function refresh() {
  clearTimeout(timer);
  if (document.hidden || pause.getAttribute("aria-pressed") === "true") return;
  try {
    const answer = await fetch("/", { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = heard();
    for (const part of document.querySelectorAll("[data-live]")) renew(part, fresh.getElementById(part.id));
    document.documentElement.classList.remove("stale");
    document.title = TITLE;
    tell(before, heard());
  } catch {
    showSilence();
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, PERIOD);
}

// Nothing that was true of the stack is known any more: it must not go on looking well. The next answer renews all of it.
function showSilence() {
  document.documentElement.classList.add("stale");
  document.title = `No answer: ${TITLE}`;
  const verdict = document.querySelector(".verdict");
  verdict.className = "verdict down";
  verdict.textContent = `The API has not answered since ${lastAnswer()}.`;
  for (const part of document.querySelectorAll(".parts li")) {
    part.className = "unknown";
    part.querySelector("strong").textContent = "unknown";
  }
  say(SILENT);
}

function lastAnswer() {
  return `${document.getElementById("as-of").dateTime.slice(11, 19)} UTC`;
}

// What is worth telling when it changes: the verdict on the stack, and each report's state by its id.
function heard() {
  const reports = [...document.querySelectorAll("[data-state]")].map((row) => [row.id, row.dataset]);
  const states = new Map(reports.map(([id, { state, name }]) => [id, { state, text: `${name}: ${state}.` }]));
  const verdict = document.querySelector(".verdict").textContent;
  return states.set("verdict", { state: verdict, text: verdict });
}

function tell(before, after) {
  const changed = [...after].filter(([id, now]) => before.get(id)?.state !== now.state && !LIVE.includes(now.state));
  const text = changed.map(([, now]) => now.text).join(" ");
  if (text || news.textContent === SILENT) say(text);
}

function say(text) {
  if (news.textContent !== text) news.textContent = text;
}

// Makes an element like a fresh one. Children that have an id are the same when it is; the others when they stand in
// the same place. What has the focus is not taken away; that is done by a later round.
function renew(now, fresh) {
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
      renew(same, child);
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
