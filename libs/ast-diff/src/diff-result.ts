import type { Caps, EscalationReason } from "./caps.ts";
import type { FileVersion, Span } from "./comparison.ts";
import type { Readings } from "./readings.ts";

/** Which parser reads JavaScript and TypeScript; all give the same normal form. */
export type ParserName = "typescript-estree" | "babel" | "oxc";

export interface DiffInput {
  readonly files: readonly {
    readonly path: string;
    /** The text before and after; absent where the file is. */
    readonly a?: FileVersion;
    readonly b?: FileVersion;
  }[];
  readonly caps?: Caps;
  /** Default: typescript-estree. */
  readonly parser?: ParserName;
  /** Whether similarity is worked out, which takes longer than the rest. Default: yes. */
  readonly hasSimilarity?: boolean;
  /** What other calls have read of the same texts, by the default parser. Default: nothing. */
  readonly readings?: Readings;
}

/** A range of source text. Lines and columns (in UTF-16 units) count from 1; the end is exclusive. */
export interface SourceSpan {
  readonly path: string;
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * One step from A to B as a reader sees it. `insert` has a span in B alone, `delete` in A alone, the
 * others in both. An inserted or deleted subtree is one operation where all of it comes or goes;
 * where only a wrapper around code that stays comes or goes, the span covers that code too and
 * `isWrapper` says so.
 */
export interface EditOperation {
  readonly kind: "insert" | "delete" | "update" | "move" | "rename";
  /** Type of the node in the normal form, in A if it is there. */
  readonly nodeType: string;
  /** Label of the node in A if it is there, else in B; at most 120 characters. May be empty. */
  readonly label: string;
  /** Type and label in B where an update or a rename changes it. */
  readonly newLabel?: string;
  /** Tree operations this stands for: the size of an inserted or deleted subtree; 1 for the others. */
  readonly nodes: number;
  readonly isWrapper?: true;
  readonly a?: SourceSpan;
  readonly b?: SourceSpan;
}

/** A local variable, import, type, private name or statement label that is called something else in B. Shown once. */
export interface BindingRename {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** Every occurrence, in order; both lists have the same length. */
  readonly a: readonly SourceSpan[];
  readonly b: readonly SourceSpan[];
}

export interface FileDiff {
  /** The path in B; in A where the file is not in B. */
  readonly path: string;
  /** The path in A where the file was renamed. */
  readonly previousPath?: string;
  readonly language: string;
  /**
   * `identical`: the same bytes. `same-form`: the same program in another format. `same-but-names`:
   * the same but for what local things are called. `same-but-order`: the same but for the order of
   * hoisted functions. `unread`: no statement is made about this file, and `reason` says why.
   */
  readonly outcome:
    | "identical"
    | "same-form"
    | "same-but-names"
    | "same-but-order"
    | "differs"
    | "unread";
  readonly reason?: EscalationReason;
  /** In the order of B, deletions where they stood. Renames are here too, one per binding. */
  readonly operations: readonly EditOperation[];
}

/** Certain bounds, as a ratio and in nodes. */
export interface Variance {
  readonly ratio: readonly [lo: number, hi: number];
  readonly distance: Span;
}

/** What `diffFiles` answers. A field may be added under one schema, never changed or removed. */
export interface DiffResult {
  readonly schema: "council.diff/1";
  readonly files: readonly FileDiff[];
  /** Moves from one file to another; each is also an operation of the file it moved to. */
  readonly moves: readonly EditOperation[];
  readonly renames: readonly BindingRename[];
  /**
   * Certain bounds of 2·d / (|A| + |B| + d), 0–1, d the tree edit distance in nodes over all files;
   * absent when a changed file could not be read (P3).
   */
  readonly variance?: Variance;
  /** The same without what local things are called: 0 where that is all there is. At most `variance`. */
  readonly atN2?: Variance;
  /** As `atN2`, and without the order of what order says nothing about. At most `atN2`. */
  readonly atN3?: Variance;
  /** 0–1. For ranking and reading, never for a gate. `token` is there for every text. */
  readonly similarity?: { readonly token: number; readonly semantic?: number };
}
