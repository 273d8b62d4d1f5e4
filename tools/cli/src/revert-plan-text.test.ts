import { expect, test } from "vitest";
import { planText } from "./revert-plan-text.ts";

const step = { commit: "a".repeat(40), title: "Two", author: "ann", because: "it changed a.js" };
const at = { head: "b".repeat(40), landing: "c".repeat(40) };
const hunk = { why: "content", path: "a.js", ours: "zwei\n", theirs: "" };

test("says for each branch what goes, why, and what stands on both sides", () => {
  const text = planText({
    patch: "p1",
    needsPerson: true,
    patches: ["p2", "p1"],
    branches: [
      {
        ...at,
        branch: "main",
        plan: { kind: "together", steps: [{ ...step, patchId: "p2" }] },
        hunks: [hunk],
      },
      {
        ...at,
        branch: "canary",
        plan: { kind: "by-hand", reason: "bob's commit", steps: [step] },
        hunks: [],
      },
    ],
  });
  expect(text).toContain("main: p1 goes only with others, in this order\n");
  expect(text).toContain("  aaaaaaaaaaaa  p2  Two (ann): it changed a.js\n");
  expect(text).toContain("    now:\n      zwei\n    the revert would put:\n      (nothing)\n");
  expect(text).toContain("canary: p1 needs a person: bob's commit\n  aaaaaaaaaaaa  no patch");
  expect(text).toContain(
    "A person has to work out what is in the way; then, in this order: p2, p1\n",
  );
});

test("says how to carry out what is Council's alone", () => {
  const plan = { kind: "together", steps: [{ ...step, patchId: "p2" }] } as const;
  const text = planText({
    patch: "p1",
    needsPerson: true,
    patches: ["p2", "p1"],
    branches: [{ ...at, branch: "main", plan, hunks: [] }],
  });
  expect(text).toContain("council rollback p1 '…' --with-dependents (p2, p1)\n");
});

test("P11: what a patch holds gives the terminal no orders", () => {
  const hunks = [
    { why: "content", path: "\u001b]0;x\u0007.js", ours: "\u001b[2J\n", theirs: "\u202e" },
  ];
  const plan = { kind: "alone", steps: [] } as const;
  const branches = [{ ...at, branch: "main", plan, hunks }];
  const text = planText({ patch: "p1", needsPerson: false, patches: ["p1"], branches });
  for (const order of ["\u001b", "\u0007", "\u202e"]) expect(text).not.toContain(order);
  expect(text).toContain("One rollback does it: p1");
});
