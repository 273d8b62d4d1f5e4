import { listTree, type Mirror, readBlob } from "@council/git";
import type { ComparedFile } from "./compare-worker.ts";

/** Larger files are not read; the comparison then says that it does not know them. */
const maxFileBytes = 1_000_000;
/** What stands for a file that is not text or too large: no grammar accepts it. */
const unreadable = "\u0000";

/** The text of the touched files in the base and in each render. */
export async function readTouchedFiles(
  mirror: Mirror,
  trees: { base: string; a: string; b?: string },
  paths: readonly string[],
): Promise<ComparedFile[]> {
  const base = await blobsOf(mirror, trees.base);
  const a = await blobsOf(mirror, trees.a);
  const b = trees.b === undefined ? undefined : await blobsOf(mirror, trees.b);
  const texts = new Map<string, Promise<string>>();
  const textAt = async (
    blobs: Map<string, string> | undefined,
    path: string,
  ): Promise<string | undefined> => {
    const blob = blobs?.get(path);
    if (blob === undefined) return undefined;
    const reading = texts.get(blob) ?? readText(mirror, blob);
    texts.set(blob, reading);
    return reading;
  };
  const files: ComparedFile[] = [];
  for (const path of paths) {
    files.push({
      path,
      base: await textAt(base, path),
      a: await textAt(a, path),
      b: await textAt(b, path),
    });
  }
  return files;
}

async function blobsOf(mirror: Mirror, tree: string): Promise<Map<string, string>> {
  const entries = await listTree(mirror, tree);
  return new Map(entries.map(({ path, blob }) => [path, blob]));
}

async function readText(mirror: Mirror, blob: string): Promise<string> {
  const read = await readBlob(mirror, blob, maxFileBytes);
  if (read.kind !== "blob") return unreadable;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(read.bytes);
  } catch {
    return unreadable;
  }
}
