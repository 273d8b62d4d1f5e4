import type { PathRefusal } from "./patch-path.ts";

/** Why a patch (or a directory) was not turned into a tree. */
export type RefusalCode =
  | "too-large"
  | "too-many-files"
  | "too-many-lines"
  | "line-too-long"
  | "binary"
  | "encoding"
  | "empty"
  | "preamble"
  | "malformed"
  | "header-mismatch"
  | PathRefusal["code"]
  | "symlink"
  | "gitlink"
  | "special-file"
  | "mode"
  | "duplicate"
  | "offset"
  | "case-collision"
  | "does-not-apply"
  | "mismatch"
  | "unknown-base";

export interface Refusal {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly reason: string;
  readonly path?: string;
}

export function refuse(code: RefusalCode, reason: string, path?: string): Refusal {
  return { kind: "refused", code, reason, ...(path === undefined ? {} : { path }) };
}

/** Only plain files take part in a patch: undefined for 100644 and 100755. */
export function refuseMode(mode: string, path?: string): Refusal | undefined {
  if (mode === "100644" || mode === "100755") return undefined;
  if (mode === "120000") return refuse("symlink", "symbolic link", path);
  if (mode === "160000") return refuse("gitlink", "submodule", path);
  return refuse("mode", `file mode ${mode.slice(0, 12)}`, path);
}
