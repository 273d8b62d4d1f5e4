import fc from "fast-check";
import { expect, test } from "vitest";
import {
  advanceCursor,
  compareEntryIds,
  decodeCursor,
  encodeCursor,
  startCursor,
} from "./cursor.ts";

const entryId = fc.tuple(fc.nat(2 ** 31 - 1), fc.nat(9999)).map(([ms, seq]) => `${ms}-${seq}`);

test("any cursor survives its encoding", () => {
  fc.assert(
    fc.property(fc.array(entryId, { minLength: 1, maxLength: 20 }), (cursor) => {
      expect(decodeCursor(encodeCursor(cursor), cursor.length)).toEqual(cursor);
    }),
  );
});

test("a start cursor moves one partition at a time", () => {
  const cursor = advanceCursor(startCursor(3), { partition: 1, id: "5-0" });
  expect(cursor).toEqual(["0-0", "5-0", "0-0"]);
  expect(encodeCursor(cursor)).toBe(".5-0.");
});

test("what no bus of that size encoded is refused", () => {
  for (const text of [
    "",
    "1-1",
    "1-1..1",
    "a-b..",
    "1-1.1-1.1-1.1-1",
    "$..",
    `${"9".repeat(200)}..`,
  ]) {
    expect(decodeCursor(text, 3)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const decoded = decodeCursor(text, 3) ?? startCursor(3);
      expect(decodeCursor(encodeCursor(decoded), 3)).toEqual(decoded);
    }),
  );
});

test("entry ids order by time, then sequence", () => {
  const ids = ["10-0", "9-5", "9-10", "1-0"];
  expect(ids.toSorted(compareEntryIds)).toEqual(["1-0", "9-5", "9-10", "10-0"]);
});
