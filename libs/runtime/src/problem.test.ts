import { expect, test } from "vitest";
import { problem } from "./problem.ts";

const base = {
  type: "urn:council:problem:stale",
  status: 409,
  title: "Stale",
  detail: "Too late.",
};

test("members stand in reading order and absent ones are left out", () => {
  expect(
    JSON.stringify(problem({ detail: "Too late.", title: "Stale", status: 409, type: base.type })),
  ).toBe('{"type":"urn:council:problem:stale","status":409,"title":"Stale","detail":"Too late."}');
  expect(problem({ ...base, field: "/pr_id", remedy: "Send it again." })).toEqual({
    ...base,
    field: "/pr_id",
    remedy: "Send it again.",
  });
});

test("members nobody declared are not passed on", () => {
  const wide = { ...base, stack: "at secret.ts:1" };
  expect(problem(wide)).toEqual(base);
});
