import { readAssignment } from "@council/contracts";
import { defaultPolicy } from "@council/domain";
import { expect, test } from "vitest";
import { effectMessages } from "./effect-messages.ts";
import { candidateOf, now, patchOf } from "./example.ts";

const senderPaths = [
  { sender: "ci", paths: ["src/**"] },
  { sender: "ci", paths: ["docs/**"] },
  { sender: "*", paths: ["other/**"] },
];

test.each([
  ["ci", senderPaths, ["src/**", "docs/**"]],
  ["agent", senderPaths, ["other/**"]],
  ["agent", senderPaths.slice(0, 2), undefined],
])("P10: who audits and who lands is told what %s may touch", (sender, grants, mayTouch) => {
  const candidate = candidateOf();
  const [audit, land] = effectMessages({
    patch: patchOf({ sender, policy: { ...defaultPolicy, senderPaths: grants } }),
    signedPolicy: defaultPolicy,
    effects: [
      { type: "audit", head: "rules", nonce: "n", candidate, expiresAt: now },
      {
        type: "land",
        effectId: "e",
        token: 1,
        stage: "target",
        branch: "main",
        candidate,
        earlierBranches: [],
      },
    ],
    cause: "m1",
    at: now,
  });
  expect(readAssignment(audit?.message.body, ["audit"])?.patch.mayTouch).toEqual(mayTouch);
  expect(readAssignment(land?.message.body, ["land"])?.patch.mayTouch).toEqual(mayTouch);
});
