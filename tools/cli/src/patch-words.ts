import type { Tone } from "./terminal.ts";

export interface KindWords {
  readonly label: string;
  readonly tone: Tone;
  /** It waits for a person. */
  readonly needsPerson?: boolean;
  /** Nothing follows unless a person asks. */
  readonly isOver?: boolean;
}

/** What a state is called on the terminal. */
const kinds: Readonly<Record<string, KindWords>> = {
  accepted: { label: "accepted", tone: "plain" },
  submitted: { label: "submitted", tone: "plain" },
  rendering: { label: "rendering", tone: "plain" },
  comparing: { label: "comparing", tone: "plain" },
  auditing: { label: "in audit", tone: "plain" },
  landing: { label: "landing", tone: "plain" },
  watching: { label: "watched", tone: "plain" },
  reverting: { label: "being taken back", tone: "bad" },
  held: { label: "held", tone: "bad", needsPerson: true },
  "revert-blocked": { label: "revert blocked", tone: "bad", needsPerson: true, isOver: true },
  settled: { label: "settled", tone: "good", isOver: true },
  reverted: { label: "reverted", tone: "bad", isOver: true },
  rejected: { label: "rejected", tone: "bad", isOver: true },
  failed: { label: "failed", tone: "bad", isOver: true },
  superseded: { label: "superseded", tone: "faint", isOver: true },
  withdrawn: { label: "withdrawn", tone: "faint", isOver: true },
};

export function kindWords(kind: string): KindWords {
  return Object.hasOwn(kinds, kind) ? (kinds[kind] ?? unknownKind(kind)) : unknownKind(kind);
}

const unknownKind = (kind: string): KindWords => ({ label: kind, tone: "plain" });
