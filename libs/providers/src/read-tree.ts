import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

const MAX_ENTRIES = 100_000;
const MAX_BYTES = 1024 * 1024 * 1024;

export interface TreeEntry {
  readonly kind: "file" | "link" | "special";
  /** Equal exactly if kind, executable bit and content are equal. */
  readonly digest: string;
  /** Where a link points, unresolved. */
  readonly target?: string;
}

export type TreeReading =
  | { readonly kind: "read"; readonly entries: ReadonlyMap<string, TreeEntry> }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Every file, link and special file below `dir`, by its path relative to `dir`. Follows no link.
 * Refuses a tree of more than 100,000 entries (directories count) or 1 GiB, and one that cannot be
 * read whole: what made it may have done so on purpose.
 */
export async function readTree(dir: string): Promise<TreeReading> {
  const entries = new Map<string, TreeEntry>();
  const pending = [""];
  let seen = 0;
  let bytes = 0;
  try {
    for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
      for (const found of await readdir(join(dir, current), { withFileTypes: true })) {
        const path = current === "" ? found.name : `${current}/${found.name}`;
        seen += 1;
        if (seen > MAX_ENTRIES) return refused(`more than ${MAX_ENTRIES} entries`);
        if (found.isDirectory()) {
          pending.push(path);
          continue;
        }
        const { entry, sizeBytes } = await readEntry(join(dir, path), MAX_BYTES - bytes);
        bytes += sizeBytes;
        if (bytes > MAX_BYTES) return refused(`more than ${MAX_BYTES} bytes`);
        entries.set(path, entry);
      }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return refused(`it cannot be read: ${error.message}`);
  }
  return { kind: "read", entries };
}

function refused(what: string): TreeReading {
  return { kind: "refused", reason: `the tree is refused: ${what}` };
}

async function readEntry(
  path: string,
  maxBytes: number,
): Promise<{ entry: TreeEntry; sizeBytes: number }> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) {
    const target = await readlink(path);
    return { entry: { kind: "link", digest: `link ${target}`, target }, sizeBytes: target.length };
  }
  if (!found.isFile()) {
    return { entry: { kind: "special", digest: `special ${found.mode}` }, sizeBytes: 0 };
  }
  const mode = (found.mode & 0o100) === 0 ? "file" : "program";
  // A file over the limit is not read at all: its size alone refuses the tree.
  const digest = found.size > maxBytes ? "" : await contentDigest(path);
  return { entry: { kind: "file", digest: `${mode} ${digest}` }, sizeBytes: found.size };
}

async function contentDigest(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const hash = createHash("sha256");
  for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk);
  return hash.digest("hex");
}
