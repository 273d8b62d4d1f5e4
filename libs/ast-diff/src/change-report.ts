import type { Tier } from "@council/domain";
import type { Caps, EscalationReason } from "./caps.ts";
import type { FileVersion } from "./comparison.ts";

export interface ChangedFile {
  readonly path: string;
  readonly base: FileVersion;
  readonly candidate: FileVersion;
}

export interface ChangeInput {
  readonly files: readonly ChangedFile[];
  readonly caps?: Caps;
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
  readonly change: "added" | "removed" | "changed" | "signature-changed" | "visibility-changed";
  /** Whether it can be reached from outside its module, before or after the change. */
  readonly exported: boolean;
}

export interface FileChange {
  readonly path: string;
  /** `reformatted`: other bytes, same normal form. */
  readonly change: "added" | "removed" | "changed" | "reformatted" | "unchanged";
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
  readonly publicApi: "none" | "compatible" | "breaking";
  readonly riskTags: readonly string[];
  readonly tier: Tier;
  /** SHA-256, hex, over the normal forms of the changed files on both sides. */
  readonly semanticDigest: string;
  readonly files: readonly FileChange[];
  /** What could not be read, and why. Counts as destructive. */
  readonly unknown: readonly { readonly path: string; readonly reason: EscalationReason }[];
}
