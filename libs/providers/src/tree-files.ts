import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isGitPath } from "./refused-change.ts";

const PATH_MAX_LENGTH = 1_024;

/**
 * Why `path` must not be read or written in the tree, or nothing. The tree is somebody else's: a link
 * on the way would lead to where it points. A path nothing is at yet is fine.
 */
export async function refusedPath(treeDir: string, path: string): Promise<string | undefined> {
  const parts = path.split("/");
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPlain || path.length > PATH_MAX_LENGTH || /[\0\\]/.test(path) || isGitPath(path)) {
    return `not a path in the tree: ${JSON.stringify(path.slice(0, PATH_MAX_LENGTH))}`;
  }
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const found = await lstat(join(treeDir, ...parts.slice(0, depth))).catch(() => undefined);
    if (found === undefined) return undefined;
    const isLast = depth === parts.length;
    if (isLast ? !found.isFile() : !found.isDirectory()) {
      return `${path} leads through or to something that is no ${isLast ? "file" : "directory"}`;
    }
  }
  return undefined;
}

/** Writes a file, with its folders, or deletes it when `content` is null. The path was judged before. */
export async function writeTreeFile(path: string, content: string | null): Promise<void> {
  if (content === null) {
    await rm(path, { force: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  await using file = await open(path, flags, 0o644);
  await writeFile(file, content);
}

/** The text of a regular file of at most `maxBytes`; nothing for anything else, or what is not UTF-8. */
export async function readTreeFile(path: string, maxBytes: number): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using file = await open(path, flags).catch(() => undefined);
  const found = await file?.stat();
  if (!file || !found?.isFile() || found.size > maxBytes) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      await file.readFile(),
    );
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** A regular file below a folder. */
export interface TreeFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Every regular file below `dir`, sorted by path; follows no link, stops at `maxFiles`. */
export async function listTreeFiles(dir: string, maxFiles: number): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of await readdir(join(dir, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (isGitPath(path)) continue;
      if (entry.isDirectory()) pending.push(path);
      if (!entry.isFile()) continue;
      const { size } = await lstat(join(dir, path));
      files.push({ path, sizeBytes: size });
      if (files.length >= maxFiles) return sorted(files);
    }
  }
  return sorted(files);
}

const sorted = (files: TreeFile[]) =>
  files.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
