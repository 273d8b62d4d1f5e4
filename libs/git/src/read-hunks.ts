import { refuse, type Refusal } from "./diff-refusal.ts";
import type { Reading } from "./parse-diff.ts";

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;
const NO_NEWLINE = "\\ No newline at end of file";

/** What each kind of hunk line counts for; a line emptied by an editor is an empty context line. */
const STEPS = new Map([
  [" ", { old: 1, new: 1, changed: 0 }],
  ["", { old: 1, new: 1, changed: 0 }],
  ["-", { old: 1, new: 0, changed: 1 }],
  ["+", { old: 0, new: 1, changed: 1 }],
  [NO_NEWLINE, { old: 0, new: 0, changed: 0 }],
]);

const BINARY_LINE = /^[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]+$/;

/** How far the new file is ahead of the old one, and where the last hunk ended. */
interface Position {
  shift: number;
  oldEnd: number;
}

/** Reads the hunks of one file; every stated line number must follow from the ones before it. */
export function readHunks(reading: Reading, path: string | undefined): Refusal | undefined {
  const position: Position = { shift: 0, oldEnd: 0 };
  let hunks = 0;
  while ((reading.lines[reading.at] ?? "").startsWith("@@ ")) {
    const refusal = readHunk(reading, position, path);
    if (refusal !== undefined) return refusal;
    hunks += 1;
  }
  return hunks === 0 ? refuse("malformed", "--- and +++ without a hunk", path) : undefined;
}

function readHunk(
  reading: Reading,
  position: Position,
  path: string | undefined,
): Refusal | undefined {
  const head = HUNK.exec(reading.lines[reading.at] ?? "");
  if (head === null) return refuse("malformed", `hunk header in line ${reading.at + 1}`, path);
  const oldCount = Number(head[2] ?? 1);
  const newCount = Number(head[4] ?? 1);
  // With a count of 0 the stated line is the one before the hunk.
  const oldFirst = Number(head[1]) + (oldCount === 0 ? 1 : 0);
  const newFirst = Number(head[3]) + (newCount === 0 ? 1 : 0);
  if (oldFirst <= position.oldEnd || newFirst !== oldFirst + position.shift) {
    return refuse("offset", `line numbers in line ${reading.at + 1} do not add up`, path);
  }
  position.oldEnd = oldFirst + oldCount - 1;
  position.shift += newCount - oldCount;
  reading.at += 1;
  return readHunkLines(reading, oldCount, newCount, path);
}

function readHunkLines(
  reading: Reading,
  oldCount: number,
  newCount: number,
  path: string | undefined,
): Refusal | undefined {
  let [oldLeft, newLeft] = [oldCount, newCount];
  while (oldLeft > 0 || newLeft > 0 || reading.lines[reading.at] === NO_NEWLINE) {
    const line = reading.lines[reading.at];
    if (line === undefined) return refuse("malformed", "a hunk that ends too early", path);
    const step = STEPS.get(line === NO_NEWLINE ? line : line.charAt(0));
    if (step === undefined) {
      return refuse("malformed", `line ${reading.at + 1} is no hunk line`, path);
    }
    oldLeft -= step.old;
    newLeft -= step.new;
    reading.changedLines += step.changed;
    if (oldLeft < 0 || newLeft < 0) {
      return refuse("malformed", `line ${reading.at + 1} is one too many for its hunk`, path);
    }
    reading.at += 1;
  }
  if (reading.changedLines > reading.limits.maxChangedLines) {
    return refuse("too-many-lines", `over ${reading.limits.maxChangedLines} changed lines`, path);
  }
  return undefined;
}

/**
 * Reads a binary section. Only literals whose declared sizes fit the limit: git inflates a literal
 * to at most its declared size, while a delta says its result size only after inflating.
 */
export function readBinary(reading: Reading, path: string | undefined): Refusal | undefined {
  const { maxBinaryBytes } = reading.limits;
  if (maxBinaryBytes <= 0) return refuse("binary", "binary hunk", path);
  reading.at += 1;
  let blocks = 0;
  for (;;) {
    const head = /^literal (\d{1,12})$/.exec(reading.lines[reading.at] ?? "");
    if (head === null) break;
    reading.binaryBytes += Number(head[1]);
    if (reading.binaryBytes > maxBinaryBytes) {
      return refuse("binary", `over ${maxBinaryBytes} bytes of declared binary content`, path);
    }
    reading.at += 1;
    while (BINARY_LINE.test(reading.lines[reading.at] ?? "")) reading.at += 1;
    if (reading.lines[reading.at] !== "") return refuse("malformed", "binary block", path);
    reading.at += 1;
    blocks += 1;
  }
  return blocks === 0 || blocks > 2
    ? refuse("binary", "binary delta or no literal", path)
    : undefined;
}
