/**
 * The pure steps of Council, one per service, around the real `decide`, `evolve` and `decideLane`:
 * what a message makes of a state, and which messages follow. Explorer and simulation differ only in
 * who is scheduled when and what breaks; what the services do stands here once.
 */
import {
  type Candidate,
  type Decision,
  decide,
  decideLane,
  defaultPolicy,
  type Facts,
  type Finding,
  type Governance,
  type LaneCommand,
  type LaneDecision,
  type LaneState,
  type Observation,
  type Opening,
  type Patch,
  type PatchCommand,
  type PatchEffect,
  type PatchState,
  type Policy,
  type Seal,
  type Suspension,
  ungoverned,
  type Vote,
  type Waiver,
} from "@council/domain";
import { type GitAnswer, type GitEffect, type GitWorld, target, withChange } from "./git-world.ts";

type EffectOf<Type extends PatchEffect["type"]> = Extract<PatchEffect, { type: Type }>;

/** What lies in an inbox. `about` is the patch. */
export type Message =
  | { readonly to: "patch"; readonly about: string; readonly command: PatchCommand }
  | { readonly to: "lane"; readonly about: string; readonly command: LaneCommand }
  | { readonly to: "git"; readonly about: string; readonly effect: GitEffect }
  | { readonly to: "builder"; readonly about: string; readonly effect: EffectOf<"render"> }
  | { readonly to: "engine"; readonly about: string; readonly effect: EffectOf<"compare"> }
  | { readonly to: "head"; readonly about: string; readonly effect: EffectOf<"audit" | "reveal"> }
  | {
      readonly to: "watcher";
      readonly about: string;
      readonly effect: EffectOf<"watch" | "conclude-watch" | "stop-watch">;
    }
  | { readonly to: "clock"; readonly about: string; readonly effect: EffectOf<"set-deadline"> };

/** How a head may behave; `other` approves a candidate that is not the one in question. */
export type Conduct =
  | "approve"
  | "reject"
  | "abstain"
  | "silent"
  | "veto"
  | "other"
  /** Approves, with a question open. */
  | "ask"
  /** The same, and says that the question is waived: by what is in force, or by what is not. */
  | "waived"
  | "pretend";

/** Rules that see the tree, and two models that see the difference. */
export const seatsWithModels: Policy["seats"] = [
  { head: "rules", family: "rules", mustVote: true },
  { head: "m1", family: "m1", isModel: true },
  { head: "m2", family: "m2", isModel: true },
];

export const modelPolicy = (changes: Partial<Policy>): Policy => ({
  ...defaultPolicy,
  rules: [],
  stages: [{ name: "target", watchMinMs: 0, watchMaxMs: 10 }],
  onInconclusive: "hold",
  // Quotas know the day, and a model knows no time.
  limits: { ...defaultPolicy.limits, unlimited: ["sender"] },
  maxExtensions: 1,
  maxRebases: 2,
  recoveryTimeoutMs: 0,
  ...changes,
});

export const stagesWithCanary: Policy["stages"] = [
  { name: "canary", branch: "canary", watchMinMs: 0, watchMaxMs: 10 },
  { name: "target", watchMinMs: 0, watchMaxMs: 10 },
];

export function modelPatch(id: string, base: string, policy: Policy): Patch {
  const origin = { title: id, author: "author", sender: "sender", submittedAt: 0 };
  const core = { id, repository: "r", targetBranch: target, base, policy, ...origin };
  return policy.builders.length > 0
    ? { ...core, task: { title: id, instructions: id } }
    : { ...core, diff: `d-${id}` };
}

/** The message that carries an effect to whoever performs it; pages go to people. */
export function messageOf(about: string, effect: PatchEffect): Message | undefined {
  switch (effect.type) {
    case "compare":
      return { to: "engine", about, effect };
    case "audit":
    case "reveal":
      return { to: "head", about, effect };
    case "request-lane":
    case "release-lane":
    case "share-lane":
    case "close-lane":
    case "block-lane":
    case "report-harm":
      return { to: "lane", about, command: { ...effect, patchId: about } };
    case "land":
    case "cancel-landing":
    case "revert":
      return { to: "git", about, effect };
    case "watch":
    case "conclude-watch":
    case "stop-watch":
      return { to: "watcher", about, effect };
    case "set-deadline":
      return { to: "clock", about, effect };
    case "supersede":
      return toPatch(effect.patchId, { type: "supersede", by: about });
    case "request-rollback": {
      const { patchId, ...command } = effect;
      return toPatch(patchId, command);
    }
    case "render":
      return { to: "builder", about, effect };
    case "page":
    case "note-landing":
    case "note-revert":
      return undefined;
  }
}

/** What people have said; a pause is all the models know of it, and a stop of one patch. */
export function governanceOf(isPaused: boolean, stopped?: string): Governance {
  const said = { actor: "person", reason: "asked", since: 0 };
  return {
    ...ungoverned,
    waivers: [waiver],
    stops: [
      ...(isPaused ? [{ scope: { kind: "global" }, ...said } as const] : []),
      ...(stopped === undefined
        ? []
        : [{ scope: { kind: "patch", name: stopped }, ...said } as const]),
    ],
  };
}

/** Who decides in the models. */
export const personOf = (name: string) =>
  ({ actor: name, reason: "asked", by: { name, roles: ["admin"] } }) as const;
export const person = personOf("person");

export const toPatch = (about: string, command: PatchCommand): Message => ({
  to: "patch",
  about,
  command,
});

export function patchStep(
  decider: typeof decide,
  state: PatchState | undefined,
  command: PatchCommand,
  facts: Facts,
): { decision: Decision; state: PatchState | undefined; messages: Message[] } {
  const decision = decider(state, command, facts);
  if (decision.kind !== "accepted") return { decision, state, messages: [] };
  const about = decision.state?.patch.id ?? "";
  const messages = decision.effects.flatMap((effect) => messageOf(about, effect) ?? []);
  return { decision, state: decision.state, messages };
}

/** Rules of the lane left out on purpose. */
export interface LaneMutation {
  /** Every change is taken for independent of every other. */
  readonly withoutClaims?: boolean;
  /** Nobody counts how many are live. */
  readonly withoutLimit?: boolean;
  /** Whoever asked last is let in first. */
  readonly withoutOrder?: boolean;
  /** Whoever holds the lane shares it at once, before it stands on its last stage. */
  readonly withoutLastStage?: boolean;
  /** Harm is blamed on whoever saw it, also while another is being taken back. */
  readonly withoutTurn?: boolean;
}

export function laneStep(state: LaneState, command: LaneCommand, mutation: LaneMutation = {}) {
  const turned = mutation.withoutOrder ? { ...state, waiting: state.waiting.toReversed() } : state;
  const decision = decideLane(turned, loosened(command, mutation));
  const messages = laneAnswers(decision);
  if (mutation.withoutTurn && command.type === "report-harm" && !decision.blamed)
    messages.push(toPatch(command.patchId, { type: "take-blame", ranking: [], ...command.harm }));
  const { patchId } = decision.granted ?? {};
  if (!mutation.withoutLastStage || patchId === undefined)
    return { state: decision.state, messages };
  const epoch = Number.MAX_SAFE_INTEGER;
  const early = decideLane(decision.state, { type: "share-lane", patchId, epoch, landedAt: 0 });
  return { state: early.state, messages: [...messages, ...laneAnswers(early)] };
}

function laneAnswers({ granted, blamed, anew = [] }: LaneDecision): Message[] {
  return [
    ...(granted ? [toPatch(granted.patchId, { type: "grant-lane", ...granted })] : []),
    ...(blamed ? [toPatch(blamed.patchId, { type: "take-blame", ...blamed, ...blamed.harm })] : []),
    ...anew.map((fresh) => toPatch(fresh.patchId, { type: "watch-anew", ...fresh })),
  ];
}

function loosened(command: LaneCommand, mutation: LaneMutation): LaneCommand {
  if (command.type !== "request-lane" || !command.share) return command;
  const { share, patchId } = command;
  const paths = mutation.withoutClaims ? [patchId] : share.claim.paths;
  const maxLive = mutation.withoutLimit ? 99 : share.maxLive;
  return { ...command, share: { ...share, maxLive, claim: { ...share.claim, paths } } };
}

/** The one file a patch changes in the models: those whose names end alike depend on each other. */
export const fileOf = (patchId: string) => `file-${patchId.at(-1)}`;

/** Nobody who costs money may spend. */
export const broke: readonly Suspension[] = ["builder-a", "builder-b"].map((head) => ({
  head,
  cap: "emergency-stop",
  reason: "stopped",
  resetAt: 0,
}));

/** A builder renders, or says that it cannot pay. */
export function builderStep(
  about: string,
  { slot }: EffectOf<"render">,
  isBroke: boolean,
): Message {
  const suspension = broke.find(({ head }) => head === `builder-${slot}`);
  if (isBroke && suspension)
    return toPatch(about, { type: "fail-render", slot, reason: "over-budget", suspension });
  const render = { slot, diff: `d-${about}`, provider: slot, family: slot };
  return toPatch(about, { type: "record-render", slot, render });
}

/** The diff engine: applies the patch to the base it is asked about, where it may mean something else. */
export function engineStep(
  git: GitWorld,
  about: string,
  effect: EffectOf<"compare">,
  hasDrifted: boolean,
): Message {
  const { base } = effect;
  const tree = git.branches[target]?.find((commit) => commit.id === base)?.tree ?? "";
  const landed = withChange(tree, about);
  const candidate: Candidate = {
    base,
    tree: landed,
    diff: effect.a,
    digest: `${base}/${landed}`,
    semanticDigest: hasDrifted ? `${about} on ${base}` : about,
    tier: "service",
    riskTags: [],
    paths: [fileOf(about)],
  };
  const variance = { kind: "measured", low: 0, high: 0 } as const;
  const reach = { symbols: [], uses: [] };
  const comparison = { kind: "compared", candidate, variance, critical: [], reach } as const;
  return toPatch(about, { type: "record-comparison", base, comparison });
}

/** A head seals its vote, or says nothing. The seal holds the vote, readable to the model. */
export function sealStep(
  about: string,
  effect: EffectOf<"audit">,
  conduct: Conduct,
): Message | undefined {
  if (conduct === "silent") return undefined;
  const { head, nonce, candidate } = effect;
  const vote: Vote = {
    patchId: about,
    head,
    digest: conduct === "other" ? "stale" : candidate.digest,
    binding: {
      base: candidate.base,
      tree: candidate.tree,
      semanticDigest: candidate.semanticDigest,
      policyDigest: "",
    },
    nonce,
    verdict: conduct === "reject" || conduct === "abstain" ? conduct : "approve",
    findings: findingsOf(about, conduct),
    metaHash: "",
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
  const seal = { ciphertext: JSON.stringify(vote), commitment: `${nonce}/${head}/${conduct}` };
  return toPatch(about, { type: "record-seal", head, nonce, seal });
}

/** The one waiver there is in the models. */
const waiver: Waiver = {
  id: "w-1",
  repository: "r",
  ruleId: "package-script",
  path: fileOf("p1"),
  until: 1,
  by: { name: "root", roles: ["admin"] },
  actor: "root",
  reason: "ours",
  since: 0,
};

function findingsOf(about: string, conduct: Conduct): Finding[] {
  if (conduct === "veto")
    return [{ ruleId: "secret", severity: "error", isHard: true, message: "a key" }];
  const { ruleId, id } = waiver;
  const asked = { ruleId, severity: "question", isHard: false, message: "a script" } as const;
  const question = { ...asked, path: fileOf(about) };
  if (conduct === "ask") return [question];
  if (conduct === "waived") return [{ ...question, waivedBy: id }];
  return conduct === "pretend" ? [{ ...question, waivedBy: "w-none" }] : [];
}

/** A head gives up its key. */
export function revealStep(about: string, { head, nonce }: EffectOf<"reveal">): Message {
  const opening: Opening = { kind: "invalid", reason: "no seal of this head" };
  return toPatch(about, { type: "record-opening", head, nonce, opening });
}

/** The controller opens the seal it holds with the key it was given. */
export function withOpening(state: PatchState | undefined, command: PatchCommand): PatchCommand {
  if (command.type !== "record-opening") return command;
  const seals: Readonly<Record<string, Seal>> = state?.kind === "auditing" ? state.round.seals : {};
  const seal = seals[command.head];
  if (!seal) return command;
  const vote = JSON.parse(seal.ciphertext) as Vote;
  return { ...command, opening: { kind: "valid", vote, key: "" } };
}

/** What the streaming auditor keeps of a patch. */
export interface Watch {
  readonly stage: string;
  readonly token: number;
  readonly isOver: boolean;
}

export function watchStep(watch: Watch | undefined, effect: EffectOf<"watch" | "stop-watch">) {
  if (watch && watch.token >= effect.token && effect.type === "watch") return watch;
  if (effect.type === "watch")
    return { stage: effect.stage, token: effect.token, isOver: false } satisfies Watch;
  if (!watch || watch.token > effect.token) return watch;
  return { ...watch, isOver: true };
}

/** The streaming auditor says what it saw; `breach` and `healthy` are said once. */
export function verdictStep(
  about: string,
  watch: Watch,
  kind: "healthy" | "breach" | "inconclusive",
): { watch: Watch; message: Message } {
  const { stage, token } = watch;
  const observation: Observation = { kind, at: 0, why: kind, readings: [] };
  return {
    watch: { ...watch, isOver: kind !== "inconclusive" },
    message: toPatch(about, { type: "record-observation", stage, token, observation }),
  };
}

/** The performer's answer, as the message it becomes. */
export function answerOf(about: string, effect: GitEffect, answer: GitAnswer): Message {
  const { effectId } = effect;
  const isRevert = "reverts" in answer;
  const command = {
    type: isRevert ? "record-revert" : "record-landing",
    effectId,
    outcome: answer,
  };
  return toPatch(about, command as PatchCommand);
}
