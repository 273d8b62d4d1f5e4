/** One patch: why it is where it is, how the heads voted, what was measured, and everything that happened. */
import { chip, element, timeElement } from "./elements.js";
import { describe, kindOf, quantity, varianceText } from "./words.js";

const verdictOrder = ["reject", "abstain", "approve"];
const voteTones = { approve: "good", reject: "bad", abstain: "warn" };
const voteWords = { approve: "Approves", reject: "Rejects", abstain: "Abstains" };

/** @param {HTMLElement} place @param {object} patch as `GET /v1/patches/:id` answers it */
export function showPatch(place, patch) {
  const { label, tone } = kindOf(patch.kind);
  const header = element(
    "header",
    {},
    element("h2", {}, patch.title ?? patch.id),
    chip(label, tone, patch.kind),
  );
  const where = [patch.repository, patch.targetBranch].filter(Boolean).join(" → ");
  const about = [where, patch.author ? `by ${patch.author}` : "", patch.id].filter(Boolean);
  place.replaceChildren(
    element("a", { class: "back", href: "#" }, "← All patches"),
    header,
    element("p", { class: "about" }, about.join(" · ")),
    ...reason(patch, tone),
    ...facts(patch),
    ...readings(patch),
    ...votes(patch),
    element("h3", {}, "Timeline"),
    timeline(patch.timeline),
  );
  if (patch.isTruncated)
    place.append(element("p", { class: "note" }, "Older entries are no longer in the ledger."));
}

function reason(patch, tone) {
  if (!patch.why) return [];
  const words = { reverted: "Reverted because ", reverting: "Being reverted because " };
  const before = element("b", {}, words[patch.kind] ?? `${kindOf(patch.kind).label}: `);
  return [element("p", { class: "reason", "data-tone": tone }, before, patch.why)];
}

function facts(patch) {
  const rows = [...candidateFacts(patch), ...branchFacts(patch), ...nameFacts(patch)];
  const items = rows
    .filter(([, value]) => value)
    .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  return items.length === 0 ? [] : [element("dl", { class: "facts" }, ...items)];
}

function candidateFacts({ dossier }) {
  const { comparison, verdict } = dossier ?? {};
  const rows = [["Quorum", verdict && `${verdict.kind}: ${verdict.reason.detail}`]];
  if (comparison === undefined) return rows;
  rows.unshift(["Variance", varianceText(comparison)]);
  if (comparison.kind !== "compared") return rows;
  const { candidate, critical } = comparison;
  rows.push(
    ["Divergences", critical.join("; ")],
    ["Tier", candidate.tier],
    ["Paths", candidate.paths.slice(0, 12).join(", ")],
  );
  return rows;
}

function branchFacts({ dossier }) {
  const at = ({ branch, commit }) => code(`${branch} ${commit.slice(0, 12)}`);
  const { landings = [], reverts = [] } = dossier ?? {};
  return [
    ...landings.map((landing) => [`Landed on ${landing.stage}`, at(landing)]),
    ...reverts.map((revert) => [`Reverted, ${revert.restored}`, at(revert)]),
  ];
}

function nameFacts({ externalId, supersedes, auditHash }) {
  return [
    ["External id", externalId],
    ["Replaces", supersedes],
    ["Audit hash", auditHash && code(auditHash.slice(0, 16), auditHash)],
  ];
}

function code(text, title) {
  return element("code", { title }, text);
}

/** Dissent first: what speaks against a patch is never below what speaks for it. */
function votes({ dossier }) {
  const cast = dossier?.votes ?? [];
  if (cast.length === 0) return [];
  const sorted = cast.toSorted(
    (a, b) => verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict),
  );
  const items = sorted.map((vote) => {
    const mark = chip(voteWords[vote.verdict] ?? vote.verdict, voteTones[vote.verdict] ?? "idle");
    mark.classList.add("is-vote");
    const findings = vote.findings.map((finding) => {
      const place = finding.path
        ? ` (${finding.path}${finding.line ? `:${finding.line}` : ""})`
        : "";
      const veto = finding.isHard ? "Veto: " : "";
      return element("p", { class: "finding" }, `${veto}${finding.message}${place}`);
    });
    return element("li", {}, mark, element("span", {}, vote.head), ...findings);
  });
  return [element("h3", {}, "Votes"), element("ul", { class: "votes" }, ...items)];
}

/** The numbers of the newest look at the patch: the breach if there was one. */
function readings({ dossier, timeline: entries }) {
  const observation = dossier?.cause?.observation ?? lastObservation(entries);
  const measured = (observation?.readings ?? []).filter((reading) => reading.canary !== undefined);
  if (measured.length === 0) return [];
  const names = ["Rule", "Canary", "Baseline", "Limit", "Verdict"];
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
  const rows = measured.map((reading) => {
    const { ruleId, canary, baseline, limit, unit, verdict } = reading;
    const words = { breach: "breach", within: "within", insufficient: "too little data" };
    return element(
      "tr",
      { "data-tone": verdict === "breach" ? "bad" : undefined, title: reading.detail },
      element("th", { scope: "row" }, ruleId),
      ...[canary, baseline, limit].map((value) => element("td", {}, quantity(value, unit))),
      element("td", {}, words[verdict] ?? verdict),
    );
  });
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  return [element("h3", {}, "Readings"), element("div", { class: "table" }, table)];
}

function lastObservation(entries) {
  return entries.findLast(({ event }) => event.observation)?.event.observation;
}

function timeline(entries) {
  if (entries.length === 0)
    return element(
      "p",
      { class: "note" },
      "Accepted; the patch controller has not taken it up yet.",
    );
  const items = entries.map(({ at, event }) => {
    const { what, more, tone } = describe(event);
    const text = element("div", { class: "what" }, what);
    if (more) text.append(element("span", { class: "more" }, more));
    const clock = new Date(at).toLocaleTimeString();
    const time = timeElement(at, clock);
    time.removeAttribute("data-at");
    return element("li", { "data-tone": tone }, text, time);
  });
  return element("ol", { class: "timeline" }, ...items);
}
