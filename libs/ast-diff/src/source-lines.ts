/** Offsets at which the lines of a text start; lines end as editors see them. */
export function lineStartsOf(text: string): Int32Array {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n?|\n/g)) starts.push(index + end.length);
  return Int32Array.from(starts);
}

/** Line and column of an offset, both from 1. */
export function placeOf(lineStarts: Int32Array, offset: number): { line: number; column: number } {
  let [low, high] = [0, lineStarts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return { line: low, column: offset - (lineStarts[low - 1] ?? 0) + 1 };
}

/** The line of each offset, from 1; 0 where there is no offset. */
export function linesOf(starts: Int32Array, text: string): Int32Array {
  const lineStarts = lineStartsOf(text);
  const lines = new Int32Array(starts.length);
  let line = 0;
  for (const [node, start] of starts.entries()) {
    if (start < 0) continue;
    // Nodes come nearly in the order of the text.
    while ((lineStarts[line + 1] ?? Infinity) <= start) line++;
    while ((lineStarts[line] ?? 0) > start) line--;
    lines[node] = line + 1;
  }
  return lines;
}
