/**
 * Every route of the gateway, described. A test holds this table and the routes to each other, both ways;
 * from it come `GET /v1/openapi.json`, `docs/api.md` and the names of routes in the metrics.
 */
import {
  actionSchema,
  baselineBodySchema,
  drillOrderSchema,
  evidenceBundleSchema,
  metaSchema,
  otlpMetricsSchema,
  rollbackSchema,
  routes,
  sampleLineSchema,
  submissionSchema,
  whyCardSchema,
} from "@council/contracts";
import * as answers from "./answers.ts";
import { governance } from "./governance-operations.ts";
import { json, type Operation } from "./operation.ts";

const said = { actor: "ann", reason: "slow checkout" };
const action = json(actionSchema, said);
const id = "p07-4k2j8x0q1z9m";
const text = { type: "text/plain" } as const;
const taken = json(answers.taken, { id, url: `/v1/patches/${id}`, duplicate: false });
const stored = json(answers.stored, { id: "op-0123456789abcdef0123456789abcdef" });
const meta = json(answers.metaRecord);

const fromForge = (events: string, access: "github" | "gitea" | "gitlab"): Operation => ({
  tag: "Patches",
  summary: `Takes ${events}`,
  access,
  body: { type: "application/json", schema: answers.anyDocument },
  status: 202,
  answer: json(answers.taken.or(answers.ignored), { kind: "ignored", reason: "no pull request" }),
  problems: [
    `${access}-not-configured`,
    "event-mismatch",
    "pull-request-unusable",
    "remote-unavailable",
  ],
});

const patches: Readonly<Record<string, Operation>> = {
  [`POST ${routes.patches}`]: {
    tag: "Patches",
    summary: "Submits a patch: a diff, a task, or both",
    access: "signature",
    body: json(submissionSchema, {
      repository: "shop",
      base: "b3f1".repeat(10),
      diff: "diff --git a/src/price.js b/src/price.js\n…",
      sheet: { paths: ["src/**"], tier: "service" },
      title: "Round prices once",
      author: "agent-7",
      externalId: "PR-42",
    }),
    status: 202,
    answer: taken,
    problems: ["delivery-conflict", "repository-unknown", "rate-limited", "backpressure"],
  },
  [`POST ${routes.github}`]: fromForge("pull request events of GitHub", "github"),
  [`POST ${routes.gitea}`]: fromForge("pull request events of Gitea and Forgejo", "gitea"),
  [`POST ${routes.gitlab}`]: fromForge("merge request events of GitLab", "gitlab"),
  [`GET ${routes.patches}`]: {
    tag: "Patches",
    summary: "Lists patches, newest first",
    access: "read",
    query: {
      limit: "How many, 1 to 200; default 50.",
      before: "Reads on: `before` of the last page.",
      state: "Only patches in this state.",
    },
    answer: json(answers.patchPage),
    problems: ["query-invalid"],
  },
  [`GET ${routes.patch}`]: {
    tag: "Patches",
    summary: "One patch with its timeline",
    access: "read",
    answer: json(answers.patchDetail),
  },
  [`GET ${routes.legacyAudit}`]: {
    tag: "Patches",
    summary: "One patch with its timeline, by any of its names",
    access: "read",
    answer: json(answers.patchDetail),
  },
  [`GET ${routes.events}`]: {
    tag: "Patches",
    summary: "Follows the ledger, as server-sent events",
    access: "read",
    query: {
      cursor: "Where to go on: `cursor` of a list, or the last event id.",
      from: "`start` for everything there is.",
    },
    answer: { type: "text/event-stream" },
    problems: ["query-invalid"],
  },
};

const evidence: Readonly<Record<string, Operation>> = {
  [`GET ${routes.why}`]: {
    tag: "Evidence",
    summary: "Why a patch was taken back",
    access: "read",
    answer: json(whyCardSchema),
    problems: ["revert-unknown"],
  },
  [`GET ${routes.diff}`]: {
    tag: "Evidence",
    summary: "The diff of the candidate, or of one render",
    access: "read",
    query: { of: "`candidate` (default), `a` or `b`." },
    answer: text,
    problems: ["diff-unknown", "query-invalid"],
  },
  [`GET ${routes.comparison}`]: {
    tag: "Evidence",
    summary: "What the comparison found: lines with marks, and symbols",
    access: "read",
    answer: json(answers.comparison),
    problems: ["comparison-unknown"],
  },
  [`GET ${routes.evidence}`]: {
    tag: "Evidence",
    summary: "Each rule's readings over the watch, stage by stage",
    access: "read",
    answer: json(answers.stages),
  },
  [`GET ${routes.bundle}`]: {
    tag: "Evidence",
    summary: "All that `council verify` needs to check the patch offline",
    access: "read",
    answer: json(evidenceBundleSchema),
  },
  [`GET ${routes.metaJson}`]: {
    tag: "Evidence",
    summary: "The quorum as a record",
    access: "read",
    answer: meta,
  },
  [`GET ${routes.metaYaml}`]: {
    tag: "Evidence",
    summary: "The quorum as a record, in YAML",
    access: "read",
    answer: { type: "application/yaml" },
  },
  [`PATCH ${routes.legacyQuorum}`]: {
    tag: "Evidence",
    summary: "Compares a claim about the quorum with what the votes say",
    access: "operator",
    body: { ...json(answers.claim, { quorum_passed: true }), isOptional: true },
    answer: meta,
    problems: ["quorum-differs"],
  },
  [`GET ${routes.heads}`]: {
    tag: "Evidence",
    summary: "How far the heads agree, and how many votes they are worth",
    access: "read",
    answer: json(answers.heads),
  },
};

const samples: Readonly<Record<string, Operation>> = {
  [`POST ${routes.samples}`]: {
    tag: "Samples",
    summary: "Sends measurements of both arms, one JSON object per line",
    access: "signature",
    body: {
      type: "application/x-ndjson",
      schema: sampleLineSchema,
      example: {
        patch: id,
        metric: "latency",
        arm: "canary",
        value: 41.2,
        unit: "ms",
        at: 1_795_000_000_000,
      },
    },
    status: 202,
    answer: json(answers.samplesTaken, { accepted: 1 }),
    problems: ["delivery-conflict", "backpressure"],
  },
  [`POST ${routes.otlpMetrics}`]: {
    tag: "Samples",
    summary: "Takes OpenTelemetry metrics, JSON or protobuf",
    access: "pipeline",
    body: json(otlpMetricsSchema),
    answer: json(answers.otlpTaken, {}),
    problems: ["backpressure"],
  },
  [`POST ${routes.meta}`]: {
    tag: "Samples",
    summary: "Takes the payload of existing clients",
    access: "signature",
    body: json(metaSchema, { pr_id: "PR-42", meta: { unit_coverage: 96.5, cost_delta: 0.004 } }),
    status: 202,
    answer: json(answers.metaTaken, { status: "accepted" }),
    problems: ["delivery-conflict", "backpressure", "patch-unknown", "patch-ambiguous"],
  },
};

const onPatch = (summary: string): Operation => ({
  tag: "Actions",
  summary,
  access: "operator",
  body: action,
  status: 202,
  answer: stored,
  problems: ["action-conflict"],
});

const actions: Readonly<Record<string, Operation>> = {
  [`POST ${routes.rollback}`]: {
    ...onPatch("Takes a patch back, if asked with the patches that have to go before it"),
    body: json(rollbackSchema, { ...said, withDependents: true }),
    answer: json(answers.rolledBack, { id: "op-0123456789abcdef0123456789abcdef", patches: [id] }),
    problems: ["action-conflict", "rollback-by-hand", "revert-unknown", "remote-unavailable"],
  },
  ...governance(onPatch),
  [`POST ${routes.withdraw}`]: onPatch("Withdraws a patch that has not landed"),
  [`GET ${routes.revertPlan}`]: {
    tag: "Actions",
    summary: "What has to be taken back with a patch, and why; nothing is moved",
    access: "read",
    answer: json(answers.anyDocument),
    problems: ["remote-unavailable"],
  },
  [`POST ${routes.reland}`]: {
    ...onPatch("Brings a patch again that was taken back"),
    answer: taken,
    problems: ["reland-impossible", "remote-unavailable", "backpressure"],
  },
  [`PATCH ${routes.legacyRollback}`]: {
    tag: "Actions",
    summary: "Takes a patch back, as existing clients ask",
    access: "operator",
    query: { pr_id: "The patch, by any of its names." },
    status: 202,
    answer: json(answers.legacyRollback),
    problems: ["query-invalid", "patch-unknown", "patch-ambiguous", "action-conflict"],
  },
  [`GET ${routes.pause}`]: {
    tag: "Actions",
    summary: "Whether landings are paused, and by whom",
    access: "read",
    answer: json(answers.control, { isPaused: false }),
  },
  [`POST ${routes.pause}`]: onPatch("Pauses every landing; rollbacks go on"),
  [`POST ${routes.resume}`]: onPatch("Lets landings go on"),
};

const spending: Readonly<Record<string, Operation>> = {
  [`GET ${routes.spend}`]: {
    tag: "Spending",
    summary: "What is spent, held and left, and who waits for money",
    access: "read",
    answer: json(answers.spendReport),
  },
  [`GET ${routes.spendCsv}`]: {
    tag: "Spending",
    summary: "Every paid call as a table",
    access: "read",
    query: { since: "From this time on: milliseconds since the epoch, or a date." },
    answer: { type: "text/csv" },
    problems: ["query-invalid"],
  },
  [`GET ${routes.patchSpend}`]: {
    tag: "Spending",
    summary: "Each paid call for one patch",
    access: "read",
    answer: json(answers.patchCalls),
  },
  [`POST ${routes.emergencyStop}`]: {
    tag: "Spending",
    summary: "Stops every paid call",
    access: "operator",
    body: { ...action, isOptional: true },
    answer: json(answers.switched, { kind: "stopped", ...said }),
  },
  [`POST ${routes.spendResume}`]: {
    tag: "Spending",
    summary: "Lets paid calls go on",
    access: "operator",
    body: { ...action, isOptional: true },
    answer: json(answers.switched, { kind: "resumed", ...said }),
  },
};

const operating: Readonly<Record<string, Operation>> = {
  [`GET ${routes.deadLetters}`]: {
    tag: "Operations",
    summary: "Messages nobody could process",
    access: "operator",
    answer: json(answers.deadLetters),
  },
  [`POST ${routes.redrive}`]: {
    tag: "Operations",
    summary: "Gives a dead letter back to its inbox",
    access: "operator",
    body: json(answers.deadLetterName, { inbox: "diff-engine", id: "3:1795000000000-0" }),
    status: 202,
    answer: json(answers.stored),
    problems: ["dead-letter-unknown"],
  },
  [`GET ${routes.queues}`]: {
    tag: "Operations",
    summary: "What the inboxes hold, and how old it is",
    access: "operator",
    answer: json(answers.queues),
  },
  [`GET ${routes.drills}`]: {
    tag: "Operations",
    summary: "Which rules a drill has proven, and the reports",
    access: "read",
    answer: json(answers.drills),
  },
  [`POST ${routes.drills}`]: {
    tag: "Operations",
    summary: "Asks for a drill",
    access: "operator",
    body: json(drillOrderSchema, { ...said, scope: "short" }),
    status: 202,
    answer: json(answers.stored),
    problems: ["drills-full"],
  },
  [`GET ${routes.accuracy}`]: {
    tag: "Operations",
    summary: "The score a repository's benchmark is compared with",
    access: "read",
    answer: json(answers.baseline),
    problems: ["repository-unknown"],
  },
  [`POST ${routes.accuracy}`]: {
    tag: "Actions",
    summary: "Approves a score as the one that candidates are compared with",
    access: "approver",
    body: json(baselineBodySchema, {
      ...said,
      score: { set: "5e1f".repeat(16), total: 200, wrong: ["q17"] },
    }),
    status: 202,
    answer: stored,
    problems: ["repository-unknown", "action-conflict"],
  },
  [`GET ${routes.settings}`]: {
    tag: "Operations",
    summary: "The settings in force with their sources, secrets redacted",
    access: "operator",
    answer: json(answers.settings),
  },
  "GET /healthz": {
    tag: "Operations",
    summary: "The process lives",
    access: "open",
    answer: json(answers.health, { kind: "live" }),
  },
  "GET /readyz": {
    tag: "Operations",
    summary: "The gateway can store what it is given; 503 when not",
    access: "open",
    answer: json(answers.health, { kind: "ready", checks: { redis: { kind: "ok" } } }),
  },
  "GET /metrics": {
    tag: "Operations",
    summary: "Metrics for Prometheus",
    access: "open",
    answer: text,
  },
  [`GET ${routes.openapi}`]: {
    tag: "Operations",
    summary: "This document",
    access: "open",
    answer: json(answers.anyDocument),
  },
  "GET /": {
    tag: "Page",
    summary: "The operators' page",
    access: "open",
    answer: { type: "text/html" },
  },
};

/** By route as the router writes it, `GET /v1/patches/:id`, in the order of the reference. */
export const operations: Readonly<Record<string, Operation>> = {
  ...patches,
  ...evidence,
  ...samples,
  ...actions,
  ...spending,
  ...operating,
};
