/** How often each line of each file was run; lines that cannot run are not listed. */
export type Coverage = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Reads coverage in lcov's form. What is malformed is left out. */
export function readCoverage(text: string): Coverage {
  const files = new Map<string, Map<number, number>>();
  let lines: Map<number, number> | undefined;
  for (const entry of text.split("\n")) {
    const file = /^SF:(.{1,4096})$/.exec(entry)?.[1];
    if (file !== undefined)
      files.set(file.replace(/^(\/workspace\/|\.\/)/, "").trim(), (lines = new Map()));
    const [, line, count] = /^DA:(\d{1,9}),(\d{1,15})/.exec(entry) ?? [];
    if (lines && line !== undefined) lines.set(Number(line), Number(count));
  }
  return files;
}

/** Of these lines, those that can run and those that were run. */
export function countRun(
  lines: ReadonlyMap<number, number> | undefined,
  wanted: readonly number[],
): { readonly able: number; readonly run: number } {
  const counts = wanted.flatMap((line) => lines?.get(line) ?? []);
  return { able: counts.length, run: counts.filter((count) => count > 0).length };
}
