/**
 * One patch on the terminal until it is at rest: its ledger as far as there is one, then each event as it
 * happens. The feed is open before the past is read, so nothing between the two is missed.
 */
import type { LedgerEntry, PatchDetail } from "@council/contracts";
import { routes } from "@council/contracts/names";
import { eventWords } from "@council/demo/event-words";
import { followEvents } from "@council/demo/follow";
import { askForJson, type Gateway, routeTo } from "./ask-gateway.ts";
import { CommandError, exitWith } from "./exit-codes.ts";
import { kindWords } from "./patch-words.ts";
import { printable, report, say, styled, toned } from "./terminal.ts";

export interface FollowOptions {
  readonly json?: boolean | undefined;
  /** Longest wait, seconds; without one there is none. */
  readonly timeoutS?: number | undefined;
  /** Go on while a person is waited for. */
  readonly throughHolds?: boolean | undefined;
  /** The states that are what was hoped for; default: settled. */
  readonly wished?: readonly string[] | undefined;
  /** A revert that was blocked up to this entry of the ledger is no rest: it was asked for again since. */
  readonly after?: number | undefined;
}

/**
 * Follows the patch and sets the exit code by how it came to rest; whether that is what was hoped for.
 * Throws CommandError.
 */
export async function followPatch(
  gateway: Gateway,
  name: string,
  options: FollowOptions = {},
): Promise<boolean> {
  const path = routeTo(routes.patch, name);
  const { id } = await askForJson<PatchDetail>(gateway, path);
  const end = endOf();
  const interrupt = () => end.be("interrupted");
  process.once("SIGINT", interrupt);
  const timer =
    options.timeoutS === undefined
      ? undefined
      : setTimeout(() => end.be("timeout"), options.timeoutS * 1000);
  try {
    await readOn(gateway, id, options, end);
  } finally {
    clearTimeout(timer);
    process.removeListener("SIGINT", interrupt);
  }
  if (end.how() === "interrupted") {
    exitWith("interrupted");
    return false;
  }
  const patch = await askForJson<PatchDetail>(gateway, path);
  return conclude(patch, { ...options, isTimeUp: end.how() === "timeout" });
}

type How = "rest" | "timeout" | "interrupted" | "failed";

interface End {
  readonly signal: AbortSignal;
  readonly how: () => How | undefined;
  readonly be: (how: How) => void;
}

/** How following ends: by what came first. */
function endOf(): End {
  const controller = new AbortController();
  let first: How | undefined;
  return {
    signal: controller.signal,
    how: () => first,
    be: (how) => {
      first ??= how;
      controller.abort();
    },
  };
}

async function readOn(
  gateway: Gateway,
  id: string,
  options: FollowOptions,
  end: End,
): Promise<void> {
  let sequence = 0;
  let isPastRead = false;
  let failure: Error | undefined;
  const early: LedgerEntry[] = [];
  const show = (entry: LedgerEntry) => {
    if (entry.sequence <= sequence) return;
    sequence = entry.sequence;
    showEntry(entry, options.json ?? false);
    if (isRest(entry, options)) end.be("rest");
  };
  const readPast = async () => {
    const { timeline } = await askForJson<PatchDetail>(gateway, routeTo(routes.patch, id));
    // A hold in the past may be over; the last entry tells where the patch is.
    const past = timeline.filter((entry) => entry.sequence > sequence);
    for (const entry of past) showEntry(entry, options.json ?? false);
    const last = past.at(-1);
    sequence = Math.max(sequence, last?.sequence ?? 0);
    isPastRead = true;
    if (last && isRest(last, options)) end.be("rest");
    for (const entry of early.splice(0)) show(entry);
  };
  await followEvents({
    url: gateway.url,
    ...(gateway.token === undefined ? {} : { token: gateway.token }),
    signal: end.signal,
    onEntry: (entry) => {
      if (entry.patchId !== id || end.signal.aborted) return;
      if (isPastRead) show(entry);
      else early.push(entry);
    },
    onOpen: () => {
      readPast().catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
        end.be("failed");
      });
    },
    onLost: (reason) => report(`the live feed was lost (${reason}); taking it up again`),
  });
  if (failure !== undefined) throw failure;
}

/** Whether nothing follows unless a person acts. A hold by a pause or a cap ends by itself. */
function isRest(
  { event, sequence }: LedgerEntry,
  { throughHolds = false, after = 0, wished = ["settled"] }: FollowOptions,
): boolean {
  // Who waits for a rollback is not done because the patch had settled, or was blocked, before.
  if (event.type === "Settled") return wished.includes("settled");
  if (event.type === "RevertBlocked") return sequence > after;
  if (event.type !== "Held") return restingEvents.has(event.type);
  return !throughHolds && event.reason.kind !== "paused" && event.reason.kind !== "budget";
}

const restingEvents: ReadonlySet<string> = new Set([
  "Reverted",
  "Rejected",
  "Failed",
  "Superseded",
  "Withdrawn",
]);

/** One entry as a line: when, and what happened in plain words; or the entry itself. */
export function showEntry(entry: LedgerEntry, isJson: boolean, title = ""): void {
  if (isJson) return say(JSON.stringify(entry));
  const words = eventWords(entry.event);
  if (words === undefined) return;
  const time = styled("dim", new Date(entry.at).toISOString().slice(11, 19));
  say(`${time}  ${title}${toned(words.tone, printable(words.text))}`);
}

function conclude(
  patch: PatchDetail,
  { json, wished = ["settled"], isTimeUp }: FollowOptions & { readonly isTimeUp: boolean },
): boolean {
  const { timeline: _, dossier: __, ...summary } = patch;
  const words = kindWords(patch.kind);
  if (json) say(JSON.stringify({ patch: summary }));
  else {
    const why = patch.why === undefined ? "" : `: ${printable(patch.why)}`;
    say(`${patch.id} ${toned(words.tone, words.label)}${why}`);
  }
  if (wished.includes(patch.kind)) return true;
  if (isTimeUp)
    throw new CommandError("undecided", `not at rest yet; go on with: council watch ${patch.id}`);
  exitWith(patch.kind === "held" ? "undecided" : "no");
  return false;
}
