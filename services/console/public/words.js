/**
 * What states, events and numbers are called on the page. Text only: whatever stands in here came from
 * a patch or a rule, and is shown with textContent.
 */

/** @typedef {"idle" | "flight" | "good" | "warn" | "bad"} Tone */

/** Per state: its name, its colour and the group it is listed in. */
export const kinds = {
  accepted: { label: "Accepted", tone: "flight", group: "flight" },
  submitted: { label: "Submitted", tone: "flight", group: "flight" },
  rendering: { label: "Rendering", tone: "flight", group: "flight" },
  comparing: { label: "Comparing", tone: "flight", group: "flight" },
  auditing: { label: "In audit", tone: "flight", group: "flight" },
  landing: { label: "Landing", tone: "flight", group: "flight" },
  watching: { label: "Watching", tone: "flight", group: "flight" },
  reverting: { label: "Reverting", tone: "bad", group: "flight" },
  held: { label: "Held", tone: "warn", group: "attention" },
  "revert-blocked": { label: "Revert blocked", tone: "warn", group: "attention" },
  settled: { label: "Settled", tone: "good", group: "settled" },
  reverted: { label: "Reverted", tone: "bad", group: "reverted" },
  rejected: { label: "Rejected", tone: "bad", group: "refused" },
  failed: { label: "Failed", tone: "bad", group: "refused" },
  superseded: { label: "Superseded", tone: "idle", group: "refused" },
  withdrawn: { label: "Withdrawn", tone: "idle", group: "refused" },
};

/** The groups in the order they are shown; the first ones ask for a person. */
export const groups = [
  { id: "attention", title: "Needs a person", count: "Attention", tone: "warn" },
  { id: "flight", title: "In flight", count: "In flight", tone: "flight" },
  { id: "reverted", title: "Reverted", count: "Reverted", tone: "bad" },
  { id: "settled", title: "Settled", count: "Settled", tone: "good" },
  { id: "refused", title: "Did not land", count: "Not landed", tone: "idle" },
];

/** @param {string} kind */
export function kindOf(kind) {
  return Object.hasOwn(kinds, kind) ? kinds[kind] : { label: kind, tone: "idle", group: "flight" };
}

/** The state an event leads to; events that are missing here change nothing in the list. */
const kindAfter = {
  PatchSubmitted: "submitted",
  RenderingStarted: "rendering",
  ComparisonStarted: "comparing",
  AuditStarted: "auditing",
  Held: "held",
  LaneRequested: "landing",
  LandingStarted: "landing",
  WatchStarted: "watching",
  RevertStarted: "reverting",
  Reverted: "reverted",
  RevertBlocked: "revert-blocked",
  Settled: "settled",
  Rejected: "rejected",
  Failed: "failed",
  Superseded: "superseded",
  Withdrawn: "withdrawn",
};

/** @param {string} type @returns {string | undefined} */
export function stateAfter(type) {
  return Object.hasOwn(kindAfter, type) ? kindAfter[type] : undefined;
}

/** Why a patch is taken back, in one sentence. */
export function causeSentence(cause) {
  return cause.kind === "breach"
    ? `${cause.stage}: ${cause.observation.why}`
    : `${cause.actor} asked: ${cause.reason}`;
}

function holdSentence(reason) {
  switch (reason.kind) {
    case "undecided":
      return `no quorum: ${reason.verdict.reason.detail}`;
    case "autonomy":
    case "budget":
      return reason.detail;
    case "inconclusive":
      return `${reason.stage}: ${reason.observation.why}`;
    default:
      return "landings are paused";
  }
}

/** The reason an event gives for the state it leads to, in one sentence; undefined when it gives none. */
export function whyOf(event) {
  switch (event.type) {
    case "RevertStarted":
      return causeSentence(event.cause);
    case "Held":
      return holdSentence(event.reason);
    case "Rejected":
    case "Failed":
    case "RevertBlocked":
      return event.reason;
    case "Superseded":
      return `a newer revision took over: ${event.by}`;
    case "Withdrawn":
      return `taken back by ${event.actor}: ${event.reason}`;
    default:
      return undefined;
  }
}

const short = (id) => String(id).slice(0, 10);
const percent = (ratio) => `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)} %`;

/** The structural distance of the two renders, in words. */
export function varianceText(comparison) {
  if (comparison.kind !== "compared") return `refused: ${comparison.reason}`;
  const { variance } = comparison;
  if (variance.kind === "unknown") return `not measured: ${variance.reason}`;
  return variance.low === variance.high
    ? percent(variance.high)
    : `${percent(variance.low)} to ${percent(variance.high)}`;
}

const votes = { approve: "approves", reject: "rejects", abstain: "abstains" };

/** One line per event: what happened, more about it, and its colour. */
const lines = {
  PatchSubmitted: (event) => [
    "Submitted",
    `by ${event.patch.author}, through ${event.patch.sender}`,
  ],
  RenderingStarted: (event) => ["Rendering started", `builders ${event.slots.join(" and ")}`],
  RenderRecorded: ({ render }) => [`Render ${render.slot} is in`, `from ${render.provider}`],
  RenderFailed: (event) => [`Render ${event.slot} failed`, event.reason, "warn"],
  ComparisonStarted: (event) => ["Comparing", `against ${short(event.base)}`],
  ComparisonRecorded: ({ comparison }) => ["Compared", `variance ${varianceText(comparison)}`],
  AuditStarted: (event) => [
    "Audit started",
    `${event.candidate.tier} change, ${event.requirement.approvals} approvals needed of ${event.seats.length}`,
  ],
  SeatsAsked: (event) => ["Not decided yet", `${event.heads.join(", ")} asked as well`],
  VoteSealed: (event) => [`${event.head} has voted`, "sealed"],
  SealRefused: (event) => [`The seal of ${event.head} was refused`, event.reason, "warn"],
  VotesUnsealed: (event) => [
    "Votes unsealed",
    event.absent.length > 0 ? `without ${event.absent.join(", ")}` : "",
  ],
  VoteRecorded: ({ vote }) => [
    `${vote.head} ${votes[vote.verdict] ?? vote.verdict}`,
    vote.findings.map((finding) => finding.message).join("; "),
    vote.verdict === "reject" ? "bad" : "idle",
  ],
  VoteRefused: (event) => [`The vote of ${event.head} does not count`, event.reason, "warn"],
  VerdictReached: ({ verdict }) => [
    `Verdict: ${verdict.kind}`,
    verdict.reason.detail,
    { approved: "good", rejected: "bad" }[verdict.kind] ?? "warn",
  ],
  Held: (event) => ["Held", whyOf(event), "warn"],
  Approved: (event) => [`Approved by ${event.actor}`, event.reason, "good"],
  Resumed: () => ["Resumed", ""],
  LaneRequested: (event) => [`Waiting for its turn on ${event.stage}`, ""],
  LandingStarted: (event) => [`Landing on ${event.stage}`, ""],
  Landed: ({ landing }) => [
    `Landed on ${landing.branch}`,
    `commit ${short(landing.commit)}, tree as audited`,
    "good",
  ],
  BaseMoved: (event) => ["The branch moved on", `${short(event.from)} to ${short(event.to)}`],
  WatchStarted: (event) => [`Watching on ${event.stage}`, ""],
  WatchExtended: (event) => [`Watched longer on ${event.stage}`, event.observation.why, "warn"],
  StagePassed: (event) => [`Healthy on ${event.stage}`, event.observation.why, "good"],
  RevertStarted: (event) => ["Taking it back", causeSentence(event.cause), "bad"],
  RevertRequested: (event) => ["To be taken back", causeSentence(event.cause), "bad"],
  RollbackOverdue: (event) => ["The revert is late", `after ${event.timeoutMs} ms`, "warn"],
  Reverted: (event) => ["Reverted and verified", revertsText(event.reverts), "bad"],
  RevertBlocked: (event) => ["The revert needs a person", event.reason, "warn"],
  Settled: () => ["Settled: it stays", "", "good"],
  Rejected: (event) => ["Rejected", event.reason, "bad"],
  Failed: (event) => ["Failed", event.reason, "bad"],
  Superseded: (event) => ["A newer revision took over", event.by],
  Withdrawn: (event) => [`Withdrawn by ${event.actor}`, event.reason],
};

function revertsText(reverts) {
  return reverts
    .map((revert) => `${revert.branch} at ${short(revert.commit)} (${revert.restored})`)
    .join(", ");
}

/** @returns {{ what: string, more: string, tone: Tone }} */
export function describe(event) {
  const line = Object.hasOwn(lines, event.type) ? lines[event.type](event) : [event.type, ""];
  const [what, more = "", tone = "idle"] = line;
  return { what, more: more ?? "", tone };
}

/** A measured value with its unit, as people write it. */
export function quantity(value, unit) {
  if (typeof value !== "number") return "–";
  switch (unit) {
    case "ratio":
      return `${(value * 100).toFixed(1)} %`;
    case "percent":
      return `${value.toFixed(1)} %`;
    case "micro-usd":
      return `$${(value / 1e6).toPrecision(3)}`;
    case "usd":
      return `$${value}`;
    default:
      return `${value.toFixed(value < 10 ? 2 : 1)} ${unit}`;
  }
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** How long ago, in the largest unit that fits. @param {number} at @param {number} now */
export function ago(at, now) {
  const seconds = Math.round((at - now) / 1000);
  if (Math.abs(seconds) < 10) return "just now";
  if (Math.abs(seconds) < 60) return relative.format(seconds, "second");
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}
