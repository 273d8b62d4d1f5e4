import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMessage } from "./message.ts";
import { testMessage } from "./testing/test-message.ts";

test("a sound message reads back as it was written", () => {
  const message = testMessage({ causationId: "c", body: { deep: [1, null] } });
  expect(parseMessage(JSON.stringify(message))).toEqual({ kind: "message", message });
});

test.each([
  ["", "not JSON"],
  ["[]", "not an object"],
  ["null", "not an object"],
  [JSON.stringify({ ...testMessage(), id: "" }), "id is not a non-empty string"],
  [JSON.stringify({ ...testMessage(), subject: 7 }), "subject is not a non-empty string"],
  [JSON.stringify({ ...testMessage(), causationId: 7 }), "causationId is not a string"],
  [JSON.stringify({ ...testMessage(), at: "now" }), "at is not a number"],
  [JSON.stringify({ ...testMessage(), v: 2 }), "v is not 1"],
  [JSON.stringify({ ...testMessage(), body: undefined }), "body is missing"],
])("%s is malformed: %s", (payload, reason) => {
  expect(parseMessage(payload)).toEqual({ kind: "malformed", reason });
});

test("no text makes the parser throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(["message", "malformed"]).toContain(parseMessage(text).kind);
    }),
  );
});
