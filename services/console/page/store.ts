/**
 * What the page knows: one line per patch, kept true by the feed. Changes are told once per frame,
 * however many events came in it.
 */
import type { LedgerEntry } from "@council/contracts";
import {
  askJson,
  CursorRefused,
  type Me,
  type PatchLine,
  readPatches,
  token as operatorToken,
  TokenNeeded,
} from "./api.ts";
import { followFeed } from "./feed.ts";
import { stateAfter, whyOf } from "./words.ts";

export type LinkState = "connecting" | "live" | "lost";

export interface Snapshot {
  readonly patches: readonly PatchLine[];
  readonly link: LinkState;
  /** The first page of patches is in. */
  readonly isLoaded: boolean;
  readonly hasOlder: boolean;
  readonly isReadingOlder: boolean;
  /** `asked`: no token yet; `refused`: the one given is wrong. */
  readonly gate: "open" | "asked" | "refused";
  readonly fault: string | undefined;
  /** Whose token this tab has; undefined while it has none that counts. */
  readonly me: Me | undefined;
}

const pageSize = 200;

/** Folds one entry of the ledger into what is known of its patch; the same line when it is old news. */
export function foldEntry(known: PatchLine | undefined, entry: LedgerEntry): PatchLine {
  const { patchId: id, sequence, event, at } = entry;
  const line: PatchLine = known ?? { id, kind: "accepted", sequence: 0, submittedAt: at };
  if (sequence <= line.sequence) return line;
  const kind = stateAfter(event.type);
  const why = whyOf(event);
  const { why: before, ...rest } = line;
  // A revert keeps its cause once it is done; any other new state drops the old reason.
  const kept = kind === undefined || kind === "reverted" ? before : undefined;
  const said = why ?? kept;
  return {
    ...rest,
    sequence,
    ...(kind === undefined ? {} : { kind }),
    ...(event.type === "PatchSubmitted" ? submittedLine(event.patch) : {}),
    ...(said === undefined ? {} : { why: said }),
  };
}

function submittedLine(patch: Extract<LedgerEntry["event"], { type: "PatchSubmitted" }>["patch"]) {
  const { title, author, sender, repository, targetBranch, submittedAt, externalId } = patch;
  const named = externalId === undefined ? {} : { externalId };
  return { title, author, sender, repository, targetBranch, submittedAt, ...named };
}

/** Begins to follow at once; lives as long as the page. */
export class Store {
  readonly #patches = new Map<string, PatchLine>();
  readonly #listeners = new Set<() => void>();
  readonly #entryListeners = new Set<(entry: LedgerEntry) => void>();
  #olderThan: number | undefined;
  #isPlanned = false;
  #gateAnswer: (() => void) | undefined;
  #known: Snapshot = {
    patches: [],
    link: "connecting",
    isLoaded: false,
    hasOlder: false,
    isReadingOlder: false,
    gate: "open",
    fault: undefined,
    me: undefined,
  };

  constructor() {
    void this.#readMe();
    void this.#run();
  }

  readonly snapshot = (): Snapshot => this.#known;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Tells of every entry of the feed, at once. */
  onEntry(listener: (entry: LedgerEntry) => void): () => void {
    this.#entryListeners.add(listener);
    return () => this.#entryListeners.delete(listener);
  }

  async readOlder(): Promise<void> {
    if (this.#olderThan === undefined || this.#known.isReadingOlder) return;
    this.#change({ isReadingOlder: true });
    try {
      const page = await readPatches(pageSize, this.#olderThan);
      for (const line of page.patches) this.#remember(line);
      this.#olderThan = page.before;
      this.#change({ hasOlder: this.#olderThan !== undefined });
      this.#plan();
    } finally {
      this.#change({ isReadingOlder: false });
    }
  }

  /** Takes a token and goes on where it was asked for. */
  giveToken(value: string): void {
    operatorToken.keep(value);
    void this.#readMe();
    this.closeGate();
  }

  /** Opens the question for a token, and waits until it is answered or closed. */
  askForToken(isRefused: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gateAnswer = resolve;
    this.#change({ gate: isRefused ? "refused" : "asked" });
    return promise;
  }

  /** Takes the question back; what asked for it goes on without. */
  closeGate(): void {
    if (this.#known.gate === "open") return;
    this.#change({ gate: "open" });
    this.#gateAnswer?.();
    this.#gateAnswer = undefined;
  }

  async #run(): Promise<never> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const cursor = await this.#load();
        attempt = 0;
        const onEntry = (entry: LedgerEntry) => this.#take(entry);
        await followFeed({ cursor, onEntry, onState: (link) => this.#change({ link }) });
      } catch (error) {
        if (error instanceof TokenNeeded) {
          await this.askForToken(operatorToken.read() !== "");
          continue;
        }
        if (error instanceof CursorRefused) this.#patches.clear();
        const fault = error instanceof Error ? error.message : String(error);
        this.#change({ link: "lost", fault });
        const waitMs = Math.min(5000, 500 * 2 ** attempt);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  async #load(): Promise<string> {
    const page = await readPatches(pageSize);
    for (const line of page.patches) this.#remember(line);
    this.#olderThan ??= page.before;
    const hasOlder = this.#olderThan !== undefined;
    this.#change({ isLoaded: true, hasOlder, fault: undefined });
    this.#plan();
    return page.cursor;
  }

  /** A token that does not count is told of where it is needed, not here. */
  async #readMe(): Promise<void> {
    if (operatorToken.read() === "") return;
    const me = await askJson<Me>("/v1/me").catch(() => undefined);
    this.#change({ me });
  }

  #take(entry: LedgerEntry): void {
    // The ledger also holds what concerns a repository; those entries name no patch.
    if (entry.patchId.startsWith("accuracy/")) return;
    this.#patches.set(entry.patchId, foldEntry(this.#patches.get(entry.patchId), entry));
    this.#plan();
    for (const listener of this.#entryListeners) listener(entry);
  }

  #remember(line: PatchLine): void {
    const before = this.#patches.get(line.id);
    if (!before || before.sequence < line.sequence) this.#patches.set(line.id, line);
  }

  #change(part: Partial<Snapshot>): void {
    this.#known = { ...this.#known, ...part };
    for (const listener of this.#listeners) listener();
  }

  /** One change per frame, however many events come in it. */
  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const flush = () => {
      if (!this.#isPlanned) return;
      this.#isPlanned = false;
      const newest = (a: PatchLine, b: PatchLine) => (b.submittedAt ?? 0) - (a.submittedAt ?? 0);
      this.#change({ patches: [...this.#patches.values()].sort(newest) });
    };
    requestAnimationFrame(flush);
    // A tab that is not shown has no frames, and still has to be right when it is looked at.
    if (document.hidden) setTimeout(flush, 250);
  }
}
