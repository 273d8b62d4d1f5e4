/** `GET /v1/patches` and `GET /v1/patches/:id`: what the ledger and the states say, made readable. */
import type { Bus } from "@council/bus";
import type { LedgerEntry, PatchDetail, PatchSummary, StoredPatch } from "@council/contracts";
import { holdSentence, type PatchState, sentence } from "@council/domain";
import { patchTrace } from "@council/evidence";
import { approvalProgress } from "./approval-progress.ts";
import type { PatchPlace } from "./patch-names.ts";

const listPage = 200;
const mostScanned = 5000;
const ledgerPage = 1000;
const mostLedgerScanned = 200_000;
/** The clocks of gateway and Redis may differ by so much before the whole ledger is read, milliseconds. */
const clockSkewMs = 600_000;

export interface ListQuery {
  readonly limit: number;
  readonly before?: number;
  readonly kind?: string;
}

export interface PatchPage {
  readonly patches: readonly PatchSummary[];
  /** Give it as `before` to read on; absent when there is no more. */
  readonly before?: number;
}

/**
 * Newest first. A page ends between two times of submission, so the next one misses none; it is longer
 * than asked for where many patches have one time.
 */
export async function listPatches(bus: Bus, query: ListQuery): Promise<PatchPage> {
  const patches: PatchSummary[] = [];
  let before = query.before;
  for (let scanned = 0; scanned < mostScanned; scanned += listPage) {
    const wanted = query.kind === undefined ? query.limit - patches.length : listPage;
    const page = await readPage(bus, wanted, before);
    for (const { score, summary } of page.entries) {
      const isWanted = query.kind === undefined || summary?.kind === query.kind;
      if (patches.length >= query.limit && score !== before) {
        return { patches, ...(before === undefined ? {} : { before }) };
      }
      if (summary && isWanted) patches.push(summary);
      before = score;
    }
    if (page.isLast) return { patches };
    if (patches.length >= query.limit) break;
  }
  return { patches, ...(before === undefined ? {} : { before }) };
}

async function readPage(bus: Bus, limit: number, before: number | undefined) {
  const { subjects, isLast } = await listWhole(bus, limit, before);
  const states = await Promise.all(
    subjects.map(({ partition, subject }) => bus.readState(partition, subject)),
  );
  const entries = subjects.map(({ subject, score }, at) => {
    const state = states[at];
    return { score, summary: state && summaryOf(subject, JSON.parse(state.value) as StoredPatch) };
  });
  return { entries, isLast };
}

/**
 * About `limit` subjects, ending between two times: those of one time are never torn apart, because
 * the next page can only be asked for by time.
 */
async function listWhole(bus: Bus, limit: number, before: number | undefined) {
  for (let size = limit + 1; ; size *= 4) {
    const page = { limit: size, ...(before === undefined ? {} : { before }) };
    const listed = await bus.listSubjects("all", page);
    const last = listed.at(-1);
    if (last === undefined || listed.length < size) return { subjects: listed, isLast: true };
    const subjects = listed.filter(({ score }) => score !== last.score);
    if (subjects.length > 0) return { subjects, isLast: false };
  }
}

/** A patch with its whole timeline. */
export async function readPatch(bus: Bus, { id, partition }: PatchPlace): Promise<PatchDetail> {
  const read = await bus.readState(partition, id);
  const { traceId } = patchTrace(id);
  if (!read)
    return { id, kind: "accepted", sequence: 0, traceId, timeline: [], isTruncated: false };
  const stored = JSON.parse(read.value) as StoredPatch;
  const { state } = stored;
  const auditHash = auditHashOf(state);
  const { base, comparison, verdict, votes, landings, reverts, cause, rebases, bypass } = state;
  const history = await readTimeline(bus, { id, partition }, stored);
  const approval = approvalProgress(state, history.timeline);
  return {
    ...summaryOf(id, stored),
    traceId,
    dossier: {
      base,
      votes,
      landings,
      reverts,
      rebases,
      ...(comparison ? { comparison } : {}),
      ...(verdict ? { verdict } : {}),
      ...(cause ? { cause } : {}),
    },
    ...(auditHash === undefined ? {} : { auditHash }),
    ...(approval ? { approval } : {}),
    ...(bypass ? { bypass } : {}),
    ...history,
  };
}

/** Reads from shortly before the submission; from the beginning when that was not early enough. */
async function readTimeline(bus: Bus, place: PatchPlace, stored: StoredPatch) {
  const from = Math.max(0, stored.state.patch.submittedAt - clockSkewMs);
  let timeline = await entriesOf(bus, place, stored.sequence, `${from}-0`);
  if (timeline[0]?.sequence !== 1) timeline = await entriesOf(bus, place, stored.sequence, "0-0");
  return { timeline, isTruncated: timeline.length < stored.sequence };
}

async function entriesOf(bus: Bus, place: PatchPlace, count: number, from: string) {
  const found: LedgerEntry[] = [];
  let after = from;
  for (let scanned = 0; scanned < mostLedgerScanned; scanned += ledgerPage) {
    const items = await bus.readLedger(place.partition, { after, count: ledgerPage });
    for (const { entry } of items) {
      // Most entries are of other patches; only what names this one is worth parsing.
      if (!entry.includes(place.id)) continue;
      const parsed = JSON.parse(entry) as LedgerEntry;
      if (parsed.patchId === place.id) found.push(parsed);
    }
    if (found.length >= count || items.length < ledgerPage) break;
    after = items.at(-1)?.id ?? after;
  }
  return found;
}

function auditHashOf({ comparison }: PatchState): string | undefined {
  return comparison?.kind === "compared" ? comparison.candidate.digest : undefined;
}

function summaryOf(id: string, { state, sequence }: StoredPatch): PatchSummary {
  const { title, author, repository, targetBranch, sender, submittedAt } = state.patch;
  const { externalId, supersedes, relands } = state.patch;
  const why = whyOf(state);
  const resetAt = resetOf(state);
  return {
    id,
    kind: state.kind,
    sequence,
    title,
    author,
    repository,
    targetBranch,
    sender,
    submittedAt,
    ...(externalId === undefined ? {} : { externalId }),
    ...(supersedes === undefined ? {} : { supersedes }),
    ...(relands === undefined ? {} : { relands: relands.patchId }),
    ...(why === undefined ? {} : { why }),
    ...(resetAt === undefined ? {} : { resetAt }),
  };
}

function resetOf(state: PatchState): number | undefined {
  if (state.kind !== "held" || state.reason.kind !== "budget") return undefined;
  const times = state.reason.suspended.flatMap(({ resetAt }) => (resetAt > 0 ? [resetAt] : []));
  return times.length > 0 ? Math.min(...times) : 0;
}

function whyOf(state: PatchState): string | undefined {
  switch (state.kind) {
    case "reverting":
    case "reverted":
      return state.cause && sentence(state.cause);
    case "rejected":
    case "failed":
    case "revert-blocked":
      return state.reason;
    case "held":
      return holdSentence(state.reason);
    case "superseded":
      return `a newer revision took over: ${state.by}`;
    case "withdrawn":
      return `taken back by ${state.actor}`;
    default:
      return undefined;
  }
}
