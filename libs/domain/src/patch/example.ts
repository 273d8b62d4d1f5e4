/** Examples for the tests of this library: a patch, and every state it can be in, by real decisions. */
import { defaultPolicy } from "../default-policy.ts";
import type { Observation } from "../observation/observation.ts";
import type { Suspension } from "../budget/spend-ledger.ts";
import { type Governance, ungoverned } from "../governance/governance.ts";
import type { Policy, Seat } from "../policy.ts";
import type { Finding, Vote } from "../quorum.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import type { Facts } from "./decision.ts";
import { evolve } from "./evolve.ts";
import type { Candidate, Comparison, Landing, Patch, Slot } from "./patch.ts";
import type { PatchState } from "./state.ts";

/** Landings are paused by an operator. */
export const paused: Governance = {
  ...ungoverned,
  stops: [{ scope: { kind: "global" }, actor: "ann", reason: "a drill", since: 0 }],
};

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  now: 1000,
  cause: "m1",
  governance: ungoverned,
  suspended: [],
  ...changes,
});

export const patchOf = (policy: Partial<Policy> = {}, changes: Partial<Patch> = {}): Patch => ({
  id: "p00-example00",
  repository: "shop",
  targetBranch: "main",
  base: "b0",
  diff: "d0",
  title: "An example",
  author: "ann",
  sender: "ci",
  submittedAt: 900,
  policy: { ...defaultPolicy, ...policy },
  ...changes,
});

export const candidateOn = (base: string, changes: Partial<Candidate> = {}): Candidate => ({
  base,
  tree: `t-${base}`,
  diff: "d0",
  digest: `g-${base}`,
  semanticDigest: "s0",
  tier: "service",
  riskTags: [],
  paths: ["a.ts"],
  ...changes,
});

export const comparedOn = (base: string, changes: Partial<Candidate> = {}): Comparison => ({
  kind: "compared",
  candidate: candidateOn(base, changes),
  variance: { kind: "measured", low: 0, high: 0.01 },
  critical: [],
});

export const observed = (kind: Observation["kind"]): Observation => ({
  kind,
  at: 1000,
  why: `it is ${kind}`,
  readings: [],
});

export const hardFinding: Finding = {
  ruleId: "secret",
  severity: "error",
  isHard: true,
  message: "a key",
};

const bindingOf = (digest: string) => {
  const base = digest.replace(/^g-/, "");
  return { base, tree: `t-${base}`, semanticDigest: "s0", policyDigest: "q0" };
};

export const voteOf = (
  head: string,
  digest: string,
  verdict: Vote["verdict"] = "approve",
  changes: Partial<Vote> = {},
): Vote => ({
  patchId: "p00-example00",
  head,
  digest,
  binding: bindingOf(digest),
  nonce: "m1",
  verdict,
  findings: [],
  metaHash: "h",
  expiresAt: 10_000,
  ...changes,
});

export const sealOf = (head: string, nonce = "m1", commitment = `c-${head}`): PatchCommand => ({
  type: "record-seal",
  head,
  nonce,
  seal: { ciphertext: head, commitment },
});

export const openingOf = (
  head: string,
  verdict: Vote["verdict"] = "approve",
  changes: Partial<Vote> = {},
): PatchCommand => ({
  type: "record-opening",
  head,
  nonce: changes.nonce ?? "m1",
  opening: {
    kind: "valid",
    vote: voteOf(head, changes.digest ?? "g-b0", verdict, changes),
    key: `k-${head}`,
  },
});

export const person = {
  actor: "ann",
  reason: "asked",
  by: { name: "olga", roles: ["approver"] },
} as const;

/** What is decided; a command that is not accepted is a fault of the test. */
export function decided(state: PatchState | undefined, command: PatchCommand, at = facts()) {
  const decision = decide(state, command, at);
  if (decision.kind !== "accepted") throw new Error(`${command.type}: ${decision.reason}`);
  return decision;
}

/** The state after these commands, each of which has to be accepted. */
export function after(
  start: PatchState | undefined,
  commands: readonly PatchCommand[],
  at = facts(),
): PatchState {
  const end = commands.reduce<PatchState | undefined>(
    (state, command) => decided(state, command, at).state,
    start,
  );
  if (!end) throw new Error("no state");
  return end;
}

/** The effect id under way in a state, or one that nobody awaits. */
export function effectIdOf(state: PatchState | undefined): string {
  if (state?.kind === "landing") return state.push?.effectId ?? "none";
  return state?.kind === "reverting" ? state.effectId : "none";
}

export function landedIn(state: PatchState, changes: Partial<Landing> = {}): PatchCommand {
  const index = state.kind === "landing" ? state.stageIndex : 0;
  const stage = state.patch.policy.stages[index];
  const landing: Landing = {
    stage: stage?.name ?? "target",
    branch: stage?.branch ?? "main",
    commit: `c-${stage?.name}`,
    tree: "candidate" in state ? state.candidate.tree : "",
    parent: state.base,
    ...changes,
  };
  const outcome = { kind: "landed", ...landing } as const;
  return { type: "record-landing", effectId: effectIdOf(state), outcome };
}

export const observationOf = (
  state: PatchState,
  kind: Observation["kind"],
  stage = "canary",
): PatchCommand => ({
  type: "record-observation",
  stage,
  token: state.latestToken,
  observation: observed(kind),
});

const heads = ["rules", "proof", "contract"];
const submit = (patch = patchOf()): PatchCommand => ({ type: "submit", patch });
const compare: PatchCommand = {
  type: "record-comparison",
  base: "b0",
  comparison: comparedOn("b0"),
};
const seals = heads.map((head) => sealOf(head));
const approvals = heads.map((head) => openingOf(head));

export const landingFrom = (patch = patchOf()): PatchState =>
  after(undefined, [submit(patch), compare, ...seals, ...approvals]);
export const pushingFrom = (state = landingFrom(), token = 1): PatchState =>
  after(state, [{ type: "grant-lane", token }]);
export const watchingFrom = (state = pushingFrom()): PatchState => after(state, [landedIn(state)]);

/** A guard that costs nothing and two heads that do. */
export const paidSeats: readonly Seat[] = [
  { head: "guard", family: "rules", mustVote: true },
  { head: "gemini", family: "gemini", isModel: true },
  { head: "openai", family: "gpt", isModel: true },
];
export const suspensionOf = (head: string, resetAt = 0): Suspension => ({
  head,
  cap: "day",
  reason: "used up",
  resetAt,
});
export const unpaidRender = (slot: Slot, more: Partial<Suspension> = {}): PatchCommand => {
  const suspension = { ...suspensionOf(`builder-${slot}`), ...more };
  return { type: "fail-render", slot, reason: "over-budget", suspension };
};
const suspendedPaid = ["gemini", "openai"].map((head) => suspensionOf(head));

/** A task that two builders render. */
export function taskOf(policy: Partial<Policy> = {}): Patch {
  const { diff: _, ...undiffed } = patchOf({ builders: ["a", "b"], ...policy });
  return { ...undiffed, task: { title: "t", instructions: "i" } };
}

/** One state of every kind, and of every variant that decides differently. */
export function exampleStates(): Record<string, PatchState | undefined> {
  const comparing = after(undefined, [submit()]);
  const sealing = after(comparing, [compare]);
  const revealing = after(sealing, seals);
  const landing = landingFrom();
  const pushing = pushingFrom();
  const watching = watchingFrom();
  const secondLanding = after(watching, [observationOf(watching, "healthy")]);
  const secondPushing = pushingFrom(secondLanding, 2);
  const secondWatching = watchingFrom(secondPushing);
  const reverting = after(watching, [observationOf(watching, "breach")]);
  const revertOf = (outcome: object) =>
    ({ type: "record-revert", effectId: effectIdOf(reverting), outcome }) as PatchCommand;
  const holding = watchingFrom(pushingFrom(landingFrom(patchOf({ onInconclusive: "hold" }))));
  const unsure = [
    openingOf("rules"),
    openingOf("proof", "abstain"),
    openingOf("contract", "abstain"),
  ];
  return {
    none: undefined,
    submitted: evolve(undefined, { type: "PatchSubmitted", patch: patchOf() }),
    rendering: after(undefined, [submit(taskOf())]),
    unpaid: after(undefined, [submit(taskOf()), unpaidRender("a"), unpaidRender("b")]),
    comparing,
    sealing,
    revealing,
    undecided: after(revealing, unsure),
    autonomy: landingFrom(patchOf({ autonomy: "recommend" })),
    budget: after(
      after(undefined, [submit(patchOf({ seats: paidSeats }))]),
      [compare],
      facts({ suspended: suspendedPaid }),
    ),
    paused: after(landing, [{ type: "grant-lane", token: 1 }], facts({ governance: paused })),
    inconclusive: after(holding, [observationOf(holding, "inconclusive")]),
    landing,
    pushing,
    intent: after(pushing, [{ type: "request-rollback", ...person }]),
    watching,
    secondLanding,
    secondPushing,
    secondWatching,
    reverting,
    blocked: after(reverting, [revertOf({ kind: "conflict", hunks: [], reverts: [] })]),
    reverted: after(reverting, [revertOf({ kind: "reverted", reverts: [] })]),
    settled: after(secondWatching, [observationOf(secondWatching, "healthy", "target")]),
    rejected: after(revealing, [
      openingOf("rules", "reject"),
      openingOf("proof", "reject"),
      openingOf("contract"),
    ]),
    failed: after(comparing, [
      { type: "reach-deadline", deadline: "compare", epoch: comparing.epoch },
    ]),
    superseded: after(comparing, [{ type: "supersede", by: "p00-example01" }]),
    withdrawn: after(comparing, [{ type: "withdraw", ...person }]),
  };
}
