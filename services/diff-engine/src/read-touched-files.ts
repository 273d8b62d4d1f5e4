import { type Mirror, readBlob, type TreeChange } from "@council/git";
import type { ComparedFile } from "./compare-worker.ts";

/** Larger files are not read; the comparison then says that it does not know them. */
const maxFileBytes = 1_000_000;
/** What one comparison may hold in memory, bytes; files beyond it are not read either. */
const maxAllBytes = 32_000_000;

/**
 * The text of the touched files in the base and in each render, from what the diffs changed: the rest
 * of the trees is not looked at, however large. A file only one render touches is as the base in the
 * other.
 */
export async function readTouchedFiles(
  mirror: Mirror,
  a: readonly TreeChange[],
  b: readonly TreeChange[] | undefined,
): Promise<ComparedFile[]> {
  const changesA = new Map(a.map((change) => [change.path, change]));
  const changesB = new Map((b ?? []).map((change) => [change.path, change]));
  const textOf = textReader(mirror);
  const files: ComparedFile[] = [];
  for (const path of [...new Set([...changesA.keys(), ...changesB.keys()])].sort()) {
    const inA = changesA.get(path);
    const inB = changesB.get(path);
    const base = (inA ?? inB)?.oldBlob;
    files.push({
      path,
      base: await textOf(base),
      a: await textOf(inA ? inA.newBlob : base),
      b: b && (await textOf(inB ? inB.newBlob : base)),
    });
  }
  return files;
}

/**
 * Reads each blob once. P3: what cannot be read is stood for by text that no grammar accepts and that
 * names the blob, so that two different files never look the same because neither could be read.
 */
function textReader(mirror: Mirror): (blob: string | undefined) => Promise<string | undefined> {
  const texts = new Map<string, string>();
  let leftBytes = maxAllBytes;
  return async (blob) => {
    if (blob === undefined) return undefined;
    const known = texts.get(blob);
    if (known !== undefined) return known;
    const read = await readBlob(mirror, blob, Math.min(maxFileBytes, leftBytes));
    if (read.kind === "blob") leftBytes -= read.bytes.length;
    const text = (read.kind === "blob" ? decoded(read.bytes) : undefined) ?? `\0${blob}`;
    texts.set(blob, text);
    return text;
  };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
