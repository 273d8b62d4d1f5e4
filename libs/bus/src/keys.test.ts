import { expect, test } from "vitest";
import { makeKeys, partitionOf } from "./keys.ts";

test("every key of a partition carries its hash tag", () => {
  const keys = makeKeys("c", 16);
  expect(keys.inbox(7, "auditor:rules")).toBe("{c07}:in:auditor:rules");
  expect(keys.ledger(7)).toBe("{c07}:ledger");
  expect(keys.state(7, "p")).toBe("{c07}:s:p");
  expect(keys.idempotency(7, "k")).toBe("{c07}:k:k");
  expect(keys.blob(7, "d")).toBe("{c07}:blob:d");
  expect(keys.deadLetters(7, "git")).toBe("{c07}:dlq:git");
  expect(keys.index(15)).toBe("{c15}:index");
  expect(() => keys.ledger(16)).toThrow(RangeError);
});

test("the partition of a text is FNV-1a: fixed for ever, and spread evenly", () => {
  // Published test vectors of the 32-bit FNV-1a.
  expect(partitionOf("", 2 ** 32)).toBe(0x811c9dc5);
  expect(partitionOf("a", 2 ** 32)).toBe(0xe40c292c);
  expect(partitionOf("foobar", 2 ** 32)).toBe(0xbf9cf968);
  const counts = Array.from({ length: 16 }, () => 0);
  for (let at = 0; at < 16_000; at += 1) counts[partitionOf(`patch-${at}`, 16)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(800);
  expect(Math.max(...counts)).toBeLessThan(1200);
});
