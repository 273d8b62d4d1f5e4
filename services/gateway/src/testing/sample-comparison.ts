/** A comparison as the diff engine writes it, made by the same library from two texts. */
import { diffFiles, reportChange, sideBySide } from "@council/ast-diff";

export interface SampleFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** The blob `council.comparison/1` of these files. */
export async function sampleComparison(files: readonly SampleFile[]): Promise<string> {
  const versions = files.map(({ path, before, after }) => ({ path, a: before, b: after }));
  const change = await reportChange({
    files: files.map(({ path, before, after }) => ({ path, base: before, candidate: after })),
  });
  const diff = await diffFiles({ files: versions });
  const reported = diff.files.map(({ operations, ...file }) => {
    const counts: Record<string, number> = {};
    for (const { kind } of operations) counts[kind] = (counts[kind] ?? 0) + 1;
    const texts = versions.find(({ path }) => path === file.path);
    const sides = sideBySide({ ...file, operations }, texts?.a ?? "", texts?.b ?? "");
    return { ...file, counts, ...(operations.length === 0 ? {} : { sides }) };
  });
  return JSON.stringify({
    schema: "council.comparison/1",
    change: { ...change, symbolsLeftOut: 0 },
    patch: { files: reported, withoutSides: 0 },
  });
}
