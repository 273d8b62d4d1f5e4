import { expect, test } from "vitest";
import { patchTrace, readTraceparent, traceparentOf } from "./patch-trace.ts";

test("a patch has one trace, whoever asks, and another patch another", () => {
  expect(patchTrace("p03-aaaaaaaa")).toEqual(patchTrace("p03-aaaaaaaa"));
  expect(patchTrace("p03-aaaaaaaa").traceId).not.toBe(patchTrace("p03-aaaaaaab").traceId);
});

test("what is written is read again", () => {
  const place = patchTrace("p03-aaaaaaaa");
  expect(traceparentOf(place)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(readTraceparent(traceparentOf(place))).toEqual(place);
});

test.each([
  undefined,
  "",
  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
])("%j is no traceparent", (text) => {
  expect(readTraceparent(text)).toBeUndefined();
});
