/** The operators' page: a live list of patches, and one of them in full. */
import { showPatch } from "./detail.js";
import { chip, element, timeElement } from "./elements.js";
import { CursorRefused, followFeed, readPatch, readPatches, TokenNeeded } from "./feed.js";
import { ago, groups, kindOf, stateAfter, whyOf } from "./words.js";

const byId = (id) => document.getElementById(id);
const place = {
  counts: byId("counts"),
  groups: byId("groups"),
  note: byId("list-note"),
  more: byId("more"),
  panes: byId("panes"),
  detail: byId("detail"),
  link: byId("link-state"),
};
const tokenName = "council-token";

/** Patches by id, as `GET /v1/patches` summarises them. @type {Map<string, object>} */
const patches = new Map();
/** One row per patch, kept while it is listed so that focus is not lost. @type {Map<string, HTMLElement>} */
const rows = new Map();
let olderThan;
let isDrawPlanned = false;
let reading = new AbortController();

const token = () => sessionStorage.getItem(tokenName) ?? "";
const selectedId = () => location.hash.slice(1);

function remember(summary) {
  const known = patches.get(summary.id);
  if (known && known.sequence >= summary.sequence) return;
  patches.set(summary.id, { ...known, ...summary });
}

/** Folds one entry of the ledger into the list. */
function takeEntry(entry) {
  const { patchId: id, sequence, event } = entry;
  const known = patches.get(id) ?? { id, kind: "accepted", sequence: 0, submittedAt: entry.at };
  if (sequence <= known.sequence) return;
  const kind = stateAfter(event.type);
  const next = { ...known, sequence };
  if (kind !== undefined) next.kind = kind;
  if (event.type === "PatchSubmitted") {
    const { title, author, repository, targetBranch, submittedAt } = event.patch;
    Object.assign(next, { title, author, repository, targetBranch, submittedAt });
  }
  const why = whyOf(event);
  // A revert keeps its cause once it is done; any other new state drops the old reason.
  if (why !== undefined) next.why = why;
  else if (kind !== undefined && kind !== "reverted") delete next.why;
  patches.set(id, next);
  planDraw();
  if (id === selectedId()) void openSelected(false);
}

function planDraw() {
  if (isDrawPlanned) return;
  isDrawPlanned = true;
  requestAnimationFrame(() => {
    isDrawPlanned = false;
    draw();
  });
}

function draw() {
  const sorted = [...patches.values()].toSorted(
    (a, b) => (b.submittedAt ?? 0) - (a.submittedAt ?? 0),
  );
  const grouped = Map.groupBy(sorted, ({ kind }) => kindOf(kind).group);
  place.counts.replaceChildren(...groups.map((group) => countOf(group, grouped.get(group.id))));
  const sections = groups.flatMap((group) => {
    const members = grouped.get(group.id);
    return members ? [sectionOf(group, members)] : [];
  });
  const focused = document.activeElement;
  place.groups.replaceChildren(...sections);
  if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
  place.more.hidden = olderThan === undefined;
  if (patches.size > 0) say("");
}

function countOf({ count, tone }, members = []) {
  const some = members.length > 0 ? "" : undefined;
  return element(
    "div",
    { "data-tone": tone, "data-some": some },
    element("dt", {}, count),
    element("dd", {}, String(members.length)),
  );
}

function sectionOf({ id, title }, members) {
  const heading = element("h2", { id: `group-${id}` }, title);
  heading.append(element("span", {}, String(members.length)));
  const items = members.map((patch) => element("li", {}, rowOf(patch)));
  const list = element("ul", { "aria-labelledby": `group-${id}` }, ...items);
  return element("section", { class: "group" }, heading, list);
}

function rowOf(patch) {
  const row = rows.get(patch.id) ?? element("a", { class: "row" });
  rows.set(patch.id, row);
  row.setAttribute("href", `#${patch.id}`);
  row.setAttribute("aria-current", String(patch.id === selectedId()));
  const { label, tone } = kindOf(patch.kind);
  const where = [patch.repository, patch.author && `by ${patch.author}`]
    .filter(Boolean)
    .join(" · ");
  const at = patch.submittedAt ?? Date.now();
  row.replaceChildren(
    element("span", { class: "title", title: patch.title }, patch.title ?? patch.id),
    chip(label, tone, patch.kind),
    element("span", { class: "where" }, where),
    element("span", { class: "when" }, timeElement(at, ago(at, Date.now()))),
  );
  if (patch.why) row.append(element("span", { class: "why" }, patch.why));
  return row;
}

function say(text, tone) {
  place.note.textContent = text;
  if (tone) place.note.dataset.tone = tone;
  else delete place.note.dataset.tone;
}

function showLink(state) {
  const words = { connecting: "Connecting…", live: "Live", lost: "Connection lost, trying again…" };
  if (place.link.dataset.state === state) return;
  place.link.dataset.state = state;
  place.link.textContent = words[state];
}

/** Reads the patch the address names. */
async function openSelected(isNew) {
  const id = selectedId();
  place.panes.toggleAttribute("data-selected", id !== "");
  reading.abort();
  if (id === "") return showEmptyDetail();
  reading = new AbortController();
  const { signal } = reading;
  try {
    const patch = await readPatch(token(), id, signal);
    if (signal.aborted) return undefined;
    if (patch) showPatch(place.detail, patch);
    else noteInDetail("There is no patch of this id.");
    if (isNew) place.detail.scrollTop = 0;
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof TokenNeeded) return undefined;
    if (isNew) noteInDetail("The patch could not be read; it is tried again with its next event.");
  }
  return undefined;
}

function showEmptyDetail() {
  noteInDetail(patches.size > 0 ? "Select a patch to see what happened to it." : "");
}

function noteInDetail(text) {
  const back = element("a", { class: "back", href: "#" }, "← All patches");
  place.detail.replaceChildren(back, element("p", { class: "note" }, text));
}

/** Asks for the token until the gateway accepts one. */
function askForToken(isWrong) {
  const { promise, resolve } = Promise.withResolvers();
  const gate = byId("gate");
  byId("gate-fault").textContent = isWrong ? "The gateway does not accept this token." : "";
  gate.addEventListener(
    "close",
    () => {
      sessionStorage.setItem(tokenName, byId("token").value.trim());
      byId("token").value = "";
      resolve();
    },
    { once: true },
  );
  if (!gate.open) gate.showModal();
  return promise;
}

async function load() {
  const page = await readPatches(token());
  for (const summary of page.patches) remember(summary);
  olderThan = page.before;
  draw();
  if (patches.size === 0) say("No patches yet. They appear here as soon as one is submitted.");
  void openSelected(true);
  return page.cursor;
}

async function run() {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const cursor = await load();
      attempt = 0;
      await followFeed({ token: token(), cursor, onEntry: takeEntry, onState: showLink });
    } catch (error) {
      if (error instanceof TokenNeeded) {
        await askForToken(token() !== "");
        continue;
      }
      showLink("lost");
      if (error instanceof CursorRefused) patches.clear();
      else if (patches.size === 0) say("The gateway does not answer; trying again…", "bad");
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(5000, 500 * 2 ** attempt));
      });
    }
  }
}

async function readOlder() {
  place.more.disabled = true;
  try {
    const page = await readPatches(token(), olderThan);
    for (const summary of page.patches) remember(summary);
    olderThan = page.before;
    draw();
  } catch {
    say("Older patches could not be read; try again.", "bad");
  }
  place.more.disabled = false;
}

place.more.addEventListener("click", () => void readOlder());

addEventListener("hashchange", () => {
  void openSelected(true);
  draw();
  if (selectedId() !== "") place.detail.focus({ preventScroll: true });
});

setInterval(() => {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-at]"))
    time.textContent = ago(Number(time.dataset.at), now);
}, 10_000);

draw();
say("Loading patches…");
void run();
