import type { Addressed, Message } from "@council/bus";
import {
  type Assignment,
  idAfter,
  inboxes,
  inboxOf,
  laneSubject,
  type PatchBrief,
  recordSubject,
  type TestAhead,
} from "@council/contracts";
import {
  grantedPaths,
  type LaneDecision,
  type Patch,
  type PatchCommand,
  type PatchEffect,
  type Policy,
} from "@council/domain";
import { digestOf } from "@council/evidence";

/**
 * The messages that carry a decision's effects to whoever performs them. Their ids follow from the
 * message that caused the decision, so that deciding again writes the same messages (P1).
 */
export function effectMessages(input: {
  readonly patch: Patch;
  /** The policy as it was submitted: heads sign for it. */
  readonly signedPolicy: Policy;
  readonly effects: readonly PatchEffect[];
  readonly cause: string;
  readonly at: number;
}): Addressed[] {
  const { patch, signedPolicy, effects, cause, at } = input;
  const brief = briefOf(patch);
  const isAudited = effects.some(({ type }) => type === "audit");
  const forAuditor = isAudited ? { ...brief, policyDigest: digestOf(signedPolicy) } : brief;
  return effects.map((effect, index) => {
    const told = commandToOther(patch, effect);
    const body: unknown =
      told?.command ??
      ({ patch: effect.type === "audit" ? forAuditor : brief, effect } satisfies Assignment);
    return {
      inbox: inboxOf(effect),
      message: {
        v: 1,
        id: idAfter(cause, String(index)),
        type: effect.type,
        subject: subjectOf(patch, effect),
        correlationId: told?.patchId ?? patch.id,
        causationId: cause,
        at,
        body,
      },
    };
  });
}

/** What one patch asks of another. */
function commandToOther(
  { id }: Patch,
  effect: PatchEffect,
): { patchId: string; command: PatchCommand } | undefined {
  switch (effect.type) {
    case "supersede":
      return { patchId: effect.patchId, command: { type: "supersede", by: id } };
    case "request-rollback": {
      const { patchId, ...command } = effect;
      return { patchId, command };
    }
    default:
      return undefined;
  }
}

/** What a lane has to say to patches, after it has decided. */
export function laneMessages(
  { granted, blamed, anew = [], ahead = [] }: LaneDecision,
  repository: string,
  cause: string,
  at: number,
): Addressed[] {
  const told: [patchId: string, command: PatchCommand][] = [];
  if (granted) {
    const { patchId, token, beside, discoveries } = granted;
    const others = beside.length > 0 ? { beside } : {};
    told.push([patchId, { type: "grant-lane", token, ...others, discoveries }]);
  }
  if (blamed) {
    const { patchId, ranking, harm } = blamed;
    const { stage, observation } = harm;
    told.push([patchId, { type: "take-blame", stage, observation, ranking }]);
  }
  for (const { patchId, token, discoveries } of anew)
    told.push([patchId, { type: "watch-anew", token, discoveries }]);
  const messageTo = (patchId: string, id: string, type: string, body: unknown): Message => ({
    v: 1,
    id: idAfter(cause, id),
    type,
    subject: patchId,
    correlationId: patchId,
    causationId: cause,
    at,
    body,
  });
  const toPatches = told.map(([patchId, command], index) => {
    const id = command.type === "grant-lane" ? "g" : `l${index}`;
    return {
      inbox: inboxes.patchController,
      message: messageTo(patchId, id, command.type, command),
    };
  });
  const toHeads = ahead.flatMap(({ patchId, base, diffs, heads }, index) => {
    const body: TestAhead = { repository, base, diffs: [...diffs] };
    return heads.map((head) => ({
      inbox: inboxes.ahead(head),
      message: messageTo(patchId, `a${index}.${head}`, "test-ahead", body),
    }));
  });
  return [...toPatches, ...toHeads];
}

function subjectOf(patch: Patch, effect: PatchEffect): string {
  switch (effect.type) {
    case "request-lane":
    case "release-lane":
    case "share-lane":
    case "close-lane":
    case "block-lane":
    case "report-harm":
      return laneSubject(patch.repository, patch.targetBranch);
    case "supersede":
    case "request-rollback":
      return effect.patchId;
    case "note-landing":
    case "note-revert":
      return recordSubject(patch.repository);
    default:
      return patch.id;
  }
}

function briefOf(patch: Patch): PatchBrief {
  const { id, repository, targetBranch, title, author, sender, sheet, externalId, head } = patch;
  const fromForge = externalId !== undefined && head !== undefined ? { externalId, head } : {};
  const declared = sheet ? { sheet } : {};
  const mayTouch = grantedPaths(patch.policy.senderPaths, sender);
  return {
    id,
    repository,
    targetBranch,
    title,
    author,
    sender,
    ...(mayTouch ? { mayTouch } : {}),
    ...declared,
    ...fromForge,
  };
}
