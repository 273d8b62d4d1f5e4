import type { Caps, EscalationReason } from "./caps.ts";
import type { Readings } from "./readings.ts";

/** The text of one file in one version; `undefined` means the file is absent. */
export type FileVersion = string | undefined;

/** One touched file: in the common base, and as each render leaves it. Paths are relative, with `/`. */
export interface RenderedFile {
  readonly path: string;
  readonly base: FileVersion;
  readonly a: FileVersion;
  readonly b: FileVersion;
}

export interface RenderInput {
  readonly files: readonly RenderedFile[];
  readonly caps?: Caps;
  /** Highest variance that still passes, 0–1. Default 0.03. */
  readonly thresholdRatio?: number;
  /** Shared with other calls on the same texts. Default: none. */
  readonly readings?: Readings;
}

/** An interval certain to hold the tree edit distance; the distance itself when both ends are equal. */
export interface Span {
  readonly lo: number;
  readonly hi: number;
}

/** What a divergence touches. `operand` is a variable that is not merely renamed; `structure` any other run-time code. */
export type DivergenceCategory =
  | "operator"
  | "literal"
  | "negation"
  | "await"
  | "yield"
  | "throw"
  | "return"
  | "condition"
  | "callee"
  | "member"
  | "import"
  | "access-modifier"
  | "decorator"
  | "type-assertion"
  | "try-catch"
  | "operand"
  | "function"
  | "structure"
  | "file";

/** A difference between the renders that no small ratio excuses. Lines count from 1. */
export interface Divergence {
  readonly path: string;
  readonly category: DivergenceCategory;
  /** Node type and label in render A; absent when only B has it. At most 120 characters. */
  readonly a?: string;
  /** Node type and label in render B; absent when only A has it. At most 120 characters. */
  readonly b?: string;
  readonly lineA?: number;
  readonly lineB?: number;
}

export interface FileComparison {
  readonly path: string;
  readonly language: string;
  /**
   * `identical`: the same bytes in both renders. `same-form`: the same normal form.
   * `same-but-order`: the same but for the order of hoisted functions. `same-but-names`: the same but
   * for what local things are called, which counts as any update does. `differs`: anything else.
   */
  readonly outcome: "identical" | "same-form" | "same-but-order" | "same-but-names" | "differs";
  /** Distance between the renders in nodes: 0 unless the outcome is `same-but-names` or `differs`. */
  readonly ab: Span;
}

/** Distance and variance of the renders where less counts than in the verdict. To show, never to gate. */
export interface LevelFacts {
  readonly ab: Span;
  readonly interval: readonly [lo: number, hi: number];
}

/** What the verdict was computed from (P5): the ratio is 2·ab / (baseA + baseB + ab). */
export interface ComparisonFacts {
  readonly thresholdRatio: number;
  readonly ab: Span;
  /** The base distances are absent when `ab` is 0: the ratio is then 0 whatever the base was. */
  readonly baseA?: Span;
  readonly baseB?: Span;
  /** Without what local things are called. */
  readonly atN2: LevelFacts;
  /** And without the order of what order says nothing about. */
  readonly atN3: LevelFacts;
  /** All critical divergences found, also those beyond the listed ones. */
  readonly criticalCount: number;
  /** Whether the interval lies on one side of the threshold. */
  readonly isDecided: boolean;
  readonly comparedNodes: number;
}

export type Comparison =
  | {
      readonly kind: "measured";
      /** Upper end of the interval, 0–1. */
      readonly varianceRatio: number;
      readonly interval: readonly [lo: number, hi: number];
      readonly verdict: "pass" | "escalate";
      /** At most 100 are listed. */
      readonly critical: readonly Divergence[];
      readonly files: readonly FileComparison[];
      readonly facts: ComparisonFacts;
    }
  | {
      readonly kind: "unmeasured";
      readonly verdict: "escalate";
      readonly reason: EscalationReason;
      readonly path?: string;
    };
