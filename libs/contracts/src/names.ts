import type { PatchEffectType } from "@council/domain";

/** Where people are told; each channel has an inbox of its own, so that one that fails delays no other. */
export const noticeChannelNames = ["slack", "webhook", "pager"] as const;
export type NoticeChannel = (typeof noticeChannelNames)[number];

/** Inboxes that always exist. Builders and auditors have one per slot and per head. */
export const inboxes = {
  patchController: "patch-controller",
  git: "git",
  deadline: "deadline",
  notifier: "notifier",
  notice: (channel: NoticeChannel) => `notice:${channel}`,
  forge: "forge",
  diffEngine: "diff-engine",
  streamingAuditor: "streaming-auditor",
  sampleSources: "sample-sources",
  builder: (slot: "a" | "b") => `builder:${slot}`,
  auditor: (head: string) => `auditor:${head}`,
  /** Suites to run ahead: apart from the rounds that are due, which must not wait for them. */
  ahead: (head: string) => `ahead:${head}`,
} as const;

/** Who carries out which effect. Lane effects go back to the controller, addressed to the lane. */
export function inboxOf(effect: {
  type: PatchEffectType;
  slot?: "a" | "b";
  head?: string;
}): string {
  switch (effect.type) {
    case "render":
      return inboxes.builder(effect.slot ?? "a");
    case "compare":
      return inboxes.diffEngine;
    case "audit":
    case "reveal":
      return inboxes.auditor(effect.head ?? "");
    case "land":
    case "cancel-landing":
    case "revert":
      return inboxes.git;
    case "watch":
    case "conclude-watch":
    case "stop-watch":
      return inboxes.streamingAuditor;
    case "set-deadline":
      return inboxes.deadline;
    case "request-lane":
    case "release-lane":
    case "share-lane":
    case "close-lane":
    case "block-lane":
    case "report-harm":
    case "supersede":
    case "request-rollback":
    case "note-landing":
    case "note-revert":
      return inboxes.patchController;
    case "page":
      return inboxes.notifier;
  }
}

/** The subject of a lane: it shares a partition with every patch of its repository. */
export const laneSubject = (repository: string, branch: string) => `lane/${repository}#${branch}`;
export const isLaneSubject = (subject: string) => subject.startsWith("lane/");
/** What a repository has seen of its authors; beside its patches too. */
export const recordSubject = (repository: string) => `record/${repository}`;
export const isRecordSubject = (subject: string) => subject.startsWith("record/");
/** Where the streaming auditor keeps the watch over a patch. */
export const watchSubject = (patchId: string) => `watch/${patchId}`;
/** Where it keeps what it can see of the sources of that watch. */
export const sightSubject = (patchId: string) => `sight/${patchId}`;

/** `p07-…`: the partition is part of the name, so that anyone who knows a patch can find it. */
export function patchIdOf(partition: number, suffix: string): string {
  return `p${String(partition).padStart(2, "0")}-${suffix}`;
}

/** The partition a patch id names, or undefined when the text is no patch id. */
export function partitionOfPatch(patchId: string): number | undefined {
  const match = /^p(\d{2,3})-[0-9a-z]{8,40}$/.exec(patchId);
  return match ? Number(match[1]) : undefined;
}

export const routes = {
  patches: "/v1/patches",
  patch: "/v1/patches/:id",
  why: "/v1/patches/:id/why",
  diff: "/v1/patches/:id/diff",
  comparison: "/v1/patches/:id/comparison",
  patchSpend: "/v1/patches/:id/spend",
  approve: "/v1/patches/:id/approve",
  rollback: "/v1/patches/:id/rollback",
  withdraw: "/v1/patches/:id/withdraw",
  revertPlan: "/v1/patches/:id/revert-plan",
  reland: "/v1/patches/:id/re-land",
  samples: "/v1/samples",
  otlpMetrics: "/v1/metrics",
  events: "/v1/events",
  bundle: "/v1/patches/:id/bundle",
  metaJson: "/v1/patches/:id/meta.json",
  metaYaml: "/v1/patches/:id/meta.yaml",
  heads: "/v1/heads",
  legacyQuorum: "/quorum/:pr",
  spend: "/v1/spend",
  spendCsv: "/v1/spend.csv",
  emergencyStop: "/emergency_stop",
  spendResume: "/resume",
  deny: "/v1/patches/:id/deny",
  bypass: "/v1/patches/:id/bypass",
  release: "/v1/patches/:id/release",
  stops: "/v1/stops",
  liftStop: "/v1/stops/lift",
  limits: "/v1/limits",
  waivers: "/v1/waivers",
  endWaiver: "/v1/waivers/end",
  delegations: "/v1/delegations",
  endDelegation: "/v1/delegations/end",
  me: "/v1/me",
  pause: "/v1/pause",
  resume: "/v1/resume",
  deadLetters: "/v1/dead-letters",
  redrive: "/v1/dead-letters/redrive",
  queues: "/v1/queues",
  openapi: "/v1/openapi.json",
  drills: "/v1/drills",
  settings: "/v1/settings",
  accuracy: "/v1/accuracy/:repository",
  evidence: "/v1/patches/:id/evidence",
  github: "/webhooks/github",
  gitea: "/webhooks/gitea",
  gitlab: "/webhooks/gitlab",
  meta: "/webhook/meta",
  legacyRollback: "/rollback",
  legacyAudit: "/audit/:pr",
} as const;

export const headers = {
  webhookId: "webhook-id",
  webhookTimestamp: "webhook-timestamp",
  webhookSignature: "webhook-signature",
  sender: "council-sender",
  auditHash: "x-audit-hash",
  githubEvent: "x-github-event",
  githubDelivery: "x-github-delivery",
  githubSignature: "x-hub-signature-256",
  giteaEvent: "x-gitea-event",
  giteaDelivery: "x-gitea-delivery",
  giteaSignature: "x-gitea-signature",
  forgejoSignature: "x-forgejo-signature",
  gitlabEvent: "x-gitlab-event",
  gitlabDelivery: "x-gitlab-event-uuid",
  gitlabToken: "x-gitlab-token",
} as const;

/** Trailers of the commits Council makes; the branch itself remembers what was done. */
export const trailers = {
  patch: "Council-Patch",
  effect: "Council-Effect",
  stage: "Council-Stage",
  token: "Council-Token",
  auditedTree: "Council-Audited-Tree",
  decision: "Council-Decision",
  reverts: "Council-Reverts",
} as const;

/** What people have said for the whole of Council, its pause first (P4: rollbacks go on). */
export const controlSubject = "control";
/** The partition that holds it. */
export const controlPartition = 0;

export const payloadTypes = {
  vote: "application/vnd.council.vote+json",
} as const;
