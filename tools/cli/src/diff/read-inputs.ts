import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { EscalationReason } from "@council/ast-diff";

/** Where one version of a file is; absent where the file is not on that side. */
interface Place {
  readonly path: string;
  readonly a?: string;
  readonly b?: string;
}

/** Two versions of a file; a side that is absent does not exist. */
export interface InputFile {
  readonly path: string;
  readonly a?: string;
  readonly b?: string;
  /** Why nothing can be said of it, when its bytes differ and cannot be compared as text. */
  readonly unread?: { readonly reason: EscalationReason; readonly sentence: string };
}

export type Inputs =
  | { readonly kind: "read"; readonly files: readonly InputFile[]; readonly isFolder: boolean }
  | { readonly kind: "missing"; readonly sentence: string };

/**
 * Reads two files or two folders. `/dev/null` is a file that does not exist, as git has it. `.git`
 * is left out of folders. A file over `maxFileBytes` is compared by its bytes alone.
 */
export async function readInputs(
  a: string,
  b: string,
  options: { as?: string; maxFileBytes: number },
): Promise<Inputs> {
  const kinds = [await kindOf(a), await kindOf(b)];
  const at = kinds.indexOf("missing");
  if (at >= 0) return { kind: "missing", sentence: `${[a, b][at]}: no such file or folder` };
  const isFolder = kinds.includes("folder");
  if (isFolder && kinds.includes("file"))
    return { kind: "missing", sentence: `${a} and ${b}: a file and a folder cannot be compared` };
  const places = isFolder ? await pairFolders(a, b) : [pairFiles(a, b, options.as)];
  const files: InputFile[] = [];
  for (const place of places) files.push(await readPlace(place, options.maxFileBytes));
  return { kind: "read", files, isFolder };
}

async function kindOf(path: string): Promise<"file" | "folder" | "missing"> {
  if (path === "/dev/null") return "file";
  const found = await stat(path).catch(() => undefined);
  if (!found) return "missing";
  return found.isDirectory() ? "folder" : "file";
}

/** Git names the file it means in a variable: the paths it gives are those of copies. */
function pairFiles(a: string, b: string, as: string | undefined): Place {
  const fromGit = process.env["GIT_DIFFTOOL_EXTCMD"] ? process.env["BASE"] : undefined;
  return {
    path: as ?? fromGit ?? (b === "/dev/null" ? a : b),
    ...(a === "/dev/null" ? {} : { a }),
    ...(b === "/dev/null" ? {} : { b }),
  };
}

async function pairFolders(a: string, b: string): Promise<Place[]> {
  const [inA, inB] = [await listFolder(a), await listFolder(b)];
  const paths = [...new Set([...inA, ...inB])].toSorted();
  return paths.map((path) => ({
    path,
    ...(inA.has(path) ? { a: join(a, path) } : {}),
    ...(inB.has(path) ? { b: join(b, path) } : {}),
  }));
}

/** Paths of all that is no folder, with `/`; links are not followed. */
async function listFolder(root: string): Promise<Set<string>> {
  const found = new Set<string>();
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop())
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (entry.name === ".git") continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      else found.add(path.split(sep).join("/"));
    }
  return found;
}

async function readPlace({ path, a, b }: Place, maxFileBytes: number): Promise<InputFile> {
  const [one, other] = [await readSide(a, maxFileBytes), await readSide(b, maxFileBytes)];
  const odd = [one, other].find((side) => side.unread);
  if (odd?.unread && !(await hasSameBytes(a, b))) return { path, unread: odd.unread };
  return {
    path,
    ...(one.text === undefined ? {} : { a: one.text }),
    ...(other.text === undefined ? {} : { b: other.text }),
  };
}

interface Side {
  readonly text?: string;
  readonly unread?: NonNullable<InputFile["unread"]>;
}

async function readSide(path: string | undefined, maxFileBytes: number): Promise<Side> {
  if (path === undefined) return {};
  const found = await lstat(path);
  if (found.isSymbolicLink() && !(await stat(path).catch(() => undefined))?.isFile())
    return { text: await readlink(path) };
  const { size } = await stat(path);
  if (size > maxFileBytes) {
    const sentence = `it is ${megabytes(size)} long, more than the ${megabytes(maxFileBytes)} that are read; --max-size raises that`;
    return { unread: { reason: "too-large", sentence } };
  }
  const bytes = await readFile(path);
  if (bytes.includes(0)) return notText("it is a binary file");
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return notText("it is not UTF-8 text");
  }
}

function notText(sentence: string): Side {
  return { unread: { reason: "not-text", sentence } };
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1_000_000).toFixed(sizeBytes < 100_000 ? 3 : 1)} MB`;
}

async function hasSameBytes(a: string | undefined, b: string | undefined): Promise<boolean> {
  if (a === undefined || b === undefined) return false;
  if ((await stat(a)).size !== (await stat(b)).size) return false;
  return (await digestOf(a)) === (await digestOf(b));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
