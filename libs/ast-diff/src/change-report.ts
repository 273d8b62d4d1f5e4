import type { Tier } from "@council/domain";
import type { Caps, EscalationReason } from "./caps.ts";
import type { FileVersion } from "./comparison.ts";
import type { Readings } from "./readings.ts";

export interface ChangedFile {
  readonly path: string;
  readonly base: FileVersion;
  readonly candidate: FileVersion;
}

export interface ChangeInput {
  readonly files: readonly ChangedFile[];
  readonly caps?: Caps;
  /** Shared with other calls on the same texts. Default: none. */
  readonly readings?: Readings;
}

export type SymbolKind =
  | "function"
  | "class"
  | "method"
  | "property"
  | "variable"
  | "interface"
  | "type"
  | "enum"
  | "namespace"
  | "export"
  | "module-code";

export interface SymbolChange {
  readonly path: string;
  /** Members as `Class.member`; `default` for a nameless default export; `(module)` for top-level code. */
  readonly name: string;
  readonly kind: SymbolKind;
  readonly change:
    | "added"
    | "removed"
    | "renamed"
    | "moved"
    | "changed"
    | "signature-changed"
    | "visibility-changed";
  /** Whether it can be reached from outside its module, before or after the change. */
  readonly exported: boolean;
  /** What users of the module notice: nothing they can name, something more, or something less. */
  readonly effect: "patch" | "minor" | "major";
  /** The name before, where a renamed or moved thing had another. */
  readonly was?: string;
  /** The file before, where it was moved. */
  readonly wasPath?: string;
}

export interface FileChange {
  readonly path: string;
  /**
   * `reformatted`: other bytes, same normal form. `reordered`: the same but for the order of things
   * whose order says nothing.
   */
  readonly change: "added" | "removed" | "changed" | "reformatted" | "reordered" | "unchanged";
  readonly language: string;
  readonly parsed: boolean;
}

/** What a change does to its base. Lists are sorted; the same input gives the same report. */
export interface ChangeReport {
  readonly symbols: readonly SymbolChange[];
  readonly touches: {
    /** Callee names whose calls were added, removed or altered. */
    readonly calls: readonly string[];
    /** Module names imported or no longer imported. */
    readonly imports: readonly string[];
    readonly throws: number;
    readonly conditions: number;
    readonly literals: number;
  };
  /** `compatible`: the public interface only grew. `breaking`: what users rely on may be gone. */
  readonly publicApi: "none" | "compatible" | "breaking";
  /** The least version step that semantic versioning asks for. */
  readonly semver: "none" | "patch" | "minor" | "major";
  readonly riskTags: readonly string[];
  readonly tier: Tier;
  /**
   * SHA-256, hex, over the normal forms of the changed files on both sides, without the order of
   * what order says nothing about.
   */
  readonly semanticDigest: string;
  /**
   * As `semanticDigest`, and also the same whatever local things are called: two changes with one
   * value are the same change told in other words.
   */
  readonly alphaDigest: string;
  readonly files: readonly FileChange[];
  /** What could not be read, and why. Counts as destructive. */
  readonly unknown: readonly { readonly path: string; readonly reason: EscalationReason }[];
}
