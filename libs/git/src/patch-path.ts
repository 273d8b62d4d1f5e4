/**
 * Which paths a patch may name at all. Judged before git sees them, by the strictest of the file
 * systems a checkout may land on: HFS+ drops invisible characters, NTFS drops trailing dots and
 * spaces, ends names at a colon and knows 8.3 aliases, both ignore case.
 */

export type PathRefusal = { readonly code: "path" | "reserved-path"; readonly reason: string };

const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;
const DOT_GIT_FILES = [".gitmodules", ".gitattributes", ".gitignore", ".mailmap"];

/** Undefined when the path is acceptable. */
export function refusePath(path: string): PathRefusal | undefined {
  if (path === "") return { code: "path", reason: "empty path" };
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return { code: "path", reason: "path too long" };
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) {
    return { code: "path", reason: "absolute path" };
  }
  if (path.includes("\\")) return { code: "path", reason: "backslash in path" };
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u{FFFD}]/u.test(path)) {
    return { code: "path", reason: "control, invisible or undecodable character in path" };
  }
  for (const name of path.split("/")) {
    const refusal = refuseName(name);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** What a case-folding, form-folding file system takes for the same name. */
export function foldPath(path: string): string {
  return path.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

function refuseName(name: string): PathRefusal | undefined {
  if (name === "" || name === "." || name === "..") {
    return { code: "path", reason: "empty, . or .. in path" };
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return { code: "path", reason: "name too long" };
  const folded = foldPath(name);
  const seen = (folded.split(":")[0] ?? "").replace(/[. ]+$/, "");
  if (seen === ".git" || /^git~\d+$/.test(seen)) {
    return { code: "reserved-path", reason: "a git directory in path" };
  }
  if (DOT_GIT_FILES.includes(seen) && name !== seen) {
    return { code: "reserved-path", reason: `${seen} in disguise` };
  }
  return undefined;
}

/**
 * The first added path that some file system would take for another path of the tree, directories
 * included. `paths` are all paths of the resulting tree.
 */
export function findCollision(
  paths: readonly string[],
  added: readonly string[],
): { path: string; other: string } | undefined {
  const wanted = new Map<string, { path: string; prefix: string }>();
  for (const path of added) {
    for (const prefix of prefixesOf(path)) {
      const fold = foldPath(prefix);
      const same = wanted.get(fold);
      if (same !== undefined && same.prefix !== prefix) return { path, other: same.prefix };
      wanted.set(fold, { path, prefix });
    }
  }
  const seen = new Set<string>();
  for (const path of paths) {
    for (const prefix of prefixesOf(path)) {
      if (seen.has(prefix)) continue;
      seen.add(prefix);
      const mine = wanted.get(foldPath(prefix));
      if (mine !== undefined && mine.prefix !== prefix) return { path: mine.path, other: prefix };
    }
  }
  return undefined;
}

function prefixesOf(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
