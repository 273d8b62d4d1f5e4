/** What the diff engine found about a patch: the blob `council.comparison/1`, as far as the page shows it. */
import { useEffect, useState } from "react";
import { askJson, patchPath } from "./api.ts";
import { outcomeOf, type Resource } from "./resource.ts";

export type EditKind = "insert" | "delete" | "update" | "move" | "rename";

/** A piece of a line; without a mark it stays as it was, and `isCut` where unmarked text was left out. */
export interface Segment {
  readonly text: string;
  readonly mark?: EditKind;
  readonly isCut?: true;
}

export interface SideLine {
  /** From 1. */
  readonly line: number;
  readonly segments: readonly Segment[];
}

export type SideRow =
  | { readonly kind: "lines"; readonly a?: SideLine; readonly b?: SideLine }
  | { readonly kind: "gap"; readonly lines: number };

export interface ComparedFile {
  readonly path: string;
  readonly previousPath?: string;
  readonly language: string;
  readonly outcome: string;
  /** Why no statement is made about this file. */
  readonly reason?: string;
  /** Operations of each kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly sides?: { readonly rows: readonly SideRow[]; readonly rowsLeftOut: number };
}

export interface SymbolChange {
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly change: string;
  readonly exported: boolean;
  readonly effect: "patch" | "minor" | "major";
  readonly was?: string;
  readonly wasPath?: string;
}

export interface ChangeReport {
  readonly symbols: readonly SymbolChange[];
  readonly symbolsLeftOut: number;
  readonly touches: {
    readonly calls: readonly string[];
    readonly imports: readonly string[];
    readonly throws: number;
    readonly conditions: number;
    readonly literals: number;
  };
  readonly publicApi: "none" | "compatible" | "breaking";
  readonly semver: "none" | "patch" | "minor" | "major";
  readonly riskTags: readonly string[];
  readonly tier: string;
  readonly unknown: readonly { readonly path: string; readonly reason: string }[];
}

export interface ComparisonReport {
  readonly schema: "council.comparison/1";
  readonly change: ChangeReport;
  /** From the base to the candidate. */
  readonly patch: { readonly files: readonly ComparedFile[] };
  /** From render A to render B, where there are two. */
  readonly renders?: { readonly files: readonly ComparedFile[] };
}

/** Reads the report of this digest; `absent` while there is none, or when it is of a kind this page does not know. */
export function useComparison(id: string, digest: string | undefined): Resource<ComparisonReport> {
  const [resource, setResource] = useState<Resource<ComparisonReport>>({ kind: "loading" });
  useEffect(() => {
    if (digest === undefined) return setResource({ kind: "absent" });
    const leaving = new AbortController();
    askJson<ComparisonReport>(`${patchPath(id)}/comparison`, { signal: leaving.signal }).then(
      (value) =>
        setResource(
          value.schema === "council.comparison/1" ? { kind: "ready", value } : { kind: "absent" },
        ),
      (error: unknown) => leaving.signal.aborted || setResource(outcomeOf(error)),
    );
    return () => leaving.abort();
  }, [id, digest]);
  return resource;
}
