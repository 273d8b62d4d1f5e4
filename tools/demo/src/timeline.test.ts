import type { LedgerEntry } from "@council/contracts";
import { expect, test } from "vitest";
import { eventWords } from "./event-words.ts";
import { timeline } from "./timeline.ts";

type PatchEvent = LedgerEntry["event"];

const observation = (why: string) => ({ kind: "breach" as const, at: 0, why, readings: [] });
const breach: PatchEvent = {
  type: "RevertStarted",
  effectId: "e",
  at: 0,
  cause: {
    kind: "breach",
    stage: "canary",
    observation: observation("latency p95 180 ms is beyond the limit of 55 ms"),
  },
};
const entryOf = (event: PatchEvent, at = 0) =>
  ({ patchId: "p00-a", sequence: 1, at, event }) as LedgerEntry;
const submitted = (title: string) =>
  entryOf({ type: "PatchSubmitted", patch: { title, author: "ada" } } as PatchEvent);

function lines(options: { json?: boolean; isColoured?: boolean }, ...entries: LedgerEntry[]) {
  const written: string[] = [];
  const show = timeline({ write: (line) => written.push(line), now: () => 0, ...options });
  for (const entry of entries) show.entry(entry);
  show.note("done");
  return written;
}

test("a line has the time, the title and plain words; a revert says why", () => {
  const written = lines({}, submitted("Load less"), entryOf(breach, 12_340));
  expect(written[0]).toMatch(/^ {3}0\.0 s {2}Load less +submitted by ada$/);
  expect(written[1]).toContain("  12.3 s  Load less");
  expect(written[1]).toContain("taken back: latency p95 180 ms is beyond the limit of 55 ms");
  expect(written[2]).toContain("done");
});

test("what only repeats its neighbours is left out", () => {
  expect(eventWords({ type: "ComparisonStarted", base: "b" })).toBeUndefined();
  expect(lines({}, entryOf({ type: "LaneRequested", stage: "canary" }))).toHaveLength(1);
});

test("colours only where they are wanted", () => {
  // eslint-disable-next-line no-control-regex -- the escape is what is looked for
  const escape = /\u001b\[/;
  expect(lines({ isColoured: true }, entryOf(breach))[0]).toMatch(escape);
  expect(lines({}, entryOf(breach)).join("")).not.toMatch(escape);
});

test("nothing in a title or a reason steers the terminal (P11)", () => {
  const hostile = entryOf({ type: "Failed", reason: "x\u001b[2Jy\nz" });
  const written = lines({}, submitted("a\u001b]0;owned\u0007b\u202e"), hostile).join("|");
  expect(written).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(written).toContain("failed: x [2Jy z");
});

test("as JSON, every entry and note is one line", () => {
  const written = lines({ json: true }, entryOf(breach));
  expect(written.map((line) => JSON.parse(line) as object)).toEqual([
    entryOf(breach),
    { note: "done" },
  ]);
});
