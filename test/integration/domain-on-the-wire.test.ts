/** What the domain decides and what the contracts let through must stay the same thing. */
import {
  partitionOfPatch,
  patchCommandSchema,
  patchIdOf,
  policyOf,
  readAssignment,
  repositorySchema,
} from "@council/contracts";
import {
  decide,
  defaultPolicy,
  type Facts,
  type Patch,
  type PatchCommand,
  type PatchEffect,
  type PatchState,
  ungoverned,
} from "@council/domain";
import { candidateDigest, metaHashOf } from "@council/evidence";
import { describe, expect, it } from "vitest";

const sha = (digit: string) => digit.repeat(64);
const git = (digit: string) => digit.repeat(40);
const id = patchIdOf(7, "abcdefgh1234");
const base = git("a");
const tree = git("b");
const diff = sha("c");
const digest = candidateDigest({ base, tree, diff });
const patch: Patch = {
  id,
  repository: "sample",
  targetBranch: "main",
  base,
  diff,
  sheet: { paths: ["src/**"], tier: "service" },
  title: "A change",
  author: "agent",
  sender: "tests",
  externalId: "7",
  supersedes: patchIdOf(7, "zyxwvuts9876"),
  submittedAt: 1000,
  policy: defaultPolicy,
};
const candidate = {
  base,
  tree,
  diff,
  digest,
  semanticDigest: digest,
  tier: "service" as const,
  riskTags: [],
  paths: ["src/a.js"],
};

/** A life from submission to the end, and every effect on the way. */
function live(ending: "settled" | "reverted") {
  let state: PatchState | undefined;
  let turn = 0;
  const effects: PatchEffect[] = [];
  const commands: PatchCommand[] = [];
  const give = (command: PatchCommand) => {
    turn += 1;
    commands.push(command);
    const facts: Facts = {
      now: 1000 * turn,
      cause: `m${turn}`,
      governance: ungoverned,
      suspended: [],
    };
    const decision = decide(state, command, facts);
    if (decision.kind !== "accepted") throw new Error(`${command.type}: ${decision.reason}`);
    state = decision.state;
    effects.push(...decision.effects);
    return decision.effects;
  };
  const find = <Type extends PatchEffect["type"]>(from: readonly PatchEffect[], type: Type) =>
    from.filter((effect): effect is Extract<PatchEffect, { type: Type }> => effect.type === type);
  give({ type: "submit", patch });
  const variance = { kind: "measured" as const, low: 0, high: 0 };
  const comparison = { kind: "compared" as const, candidate, variance, critical: [] };
  const audits = find(give({ type: "record-comparison", base, comparison }), "audit");
  for (const { head, nonce } of audits)
    give({ type: "record-seal", head, nonce, seal: { ciphertext: "x", commitment: sha("d") } });
  for (const { head, nonce, expiresAt } of audits) {
    const verdict = "approve" as const;
    const metaHash = metaHashOf({ digest, verdict, findings: [] });
    const { semanticDigest, tree } = candidate;
    const binding = { base, tree, semanticDigest, policyDigest: sha("p") };
    const said = { nonce, verdict, findings: [], metaHash, expiresAt };
    const vote = { patchId: id, head, digest, binding, ...said };
    give({ type: "record-opening", head, nonce, opening: { kind: "valid", vote, key: "k" } });
  }
  const landOn = (token: number) => {
    const [land] = find(give({ type: "grant-lane", token }), "land");
    const { effectId, stage, branch } = land!;
    const outcome = {
      kind: "landed" as const,
      stage,
      branch,
      commit: git("e"),
      tree,
      parent: base,
    };
    const [watch] = find(give({ type: "record-landing", effectId, outcome }), "watch");
    return watch!;
  };
  const observed = (kind: "healthy" | "breach", watch: { stage: string; token: number }) =>
    give({
      type: "record-observation",
      stage: watch.stage,
      token: watch.token,
      observation: { kind, at: 1, ruleId: "latency-p95", why: "measured", readings: [] },
    });
  observed("healthy", landOn(1));
  const second = landOn(2);
  const [revert] = find(observed(ending === "settled" ? "healthy" : "breach", second), "revert");
  if (revert !== undefined) {
    const { effectId } = revert;
    const restored = "exact" as const;
    const reverts = [{ branch: "main", commit: git("f"), tree, landing: git("e"), restored }];
    give({ type: "record-revert", effectId, outcome: { kind: "reverted", reverts } });
  }
  return { kind: state?.kind, effects, commands };
}

const onTheWire = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe.each(["settled", "reverted"] as const)("a life that ends %s", (ending) => {
  const { kind, effects, commands } = live(ending);

  it("ends so", () => {
    expect(kind).toBe(ending);
  });

  it("is told in commands that pass the contracts unchanged", () => {
    const incoming = commands.filter(({ type }) => type !== "record-opening");
    for (const command of incoming)
      expect(patchCommandSchema.parse(onTheWire(command))).toEqual(onTheWire(command));
  });

  it("asks for effects that every worker can read", () => {
    const { repository, targetBranch, title, author, sheet } = patch;
    for (const effect of effects) {
      const body = { patch: { id, repository, targetBranch, title, author, sheet }, effect };
      expect(readAssignment(onTheWire(body), [effect.type])).toEqual(onTheWire(body));
    }
  });
});

describe("the contracts", () => {
  it("take the default policy of the domain as it is", () => {
    const config = repositorySchema.parse({ id: "sample", remote: "file:///nowhere" });
    expect(policyOf(config)).toMatchObject({ kind: "usable", policy: defaultPolicy });
    const written = { ...config, policy: onTheWire(defaultPolicy) };
    expect(repositorySchema.parse(written).policy).toEqual(onTheWire(defaultPolicy));
  });

  it("refuse an opening from outside: only the controller opens votes (P2)", () => {
    const opening = { kind: "invalid", reason: "none" };
    const forged = { type: "record-opening", head: "rules", nonce: "m1", opening };
    expect(patchCommandSchema.safeParse(forged).success).toBe(false);
  });

  it("find the partition of a patch in its name", () => {
    expect(partitionOfPatch(id)).toBe(7);
    expect(partitionOfPatch(patchIdOf(99, "abcdefgh"))).toBe(99);
    expect(partitionOfPatch("p7-../../x")).toBeUndefined();
  });
});
