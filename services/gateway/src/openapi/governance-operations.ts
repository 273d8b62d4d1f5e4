/** The routes by which people decide, stop and stand in, described. */
import {
  bypassSchema,
  delegationBodySchema,
  endDelegationBodySchema,
  liftBodySchema,
  routes,
  endWaiverBodySchema,
  stopBodySchema,
  waiverBodySchema,
} from "@council/contracts";
import * as answers from "./answers.ts";
import { json, type Operation } from "./operation.ts";

const until = "2026-12-01T08:00:00Z";

type Described = (onPatch: (summary: string) => Operation) => Readonly<Record<string, Operation>>;

export const governance: Described = (onPatch) => ({
  ...decisions(onPatch),
  ...stops(onPatch),
  ...people(onPatch),
  ...waivers(onPatch),
});

const decisions: Described = (onPatch) => ({
  [`POST ${routes.approve}`]: {
    ...onPatch("Says yes to a patch that waits for a person"),
    access: "approver",
    problems: ["action-conflict", "approval-refused"],
  },
  [`POST ${routes.deny}`]: {
    ...onPatch("Says no to a patch that waits: rejected, or taken back where it has landed"),
    access: "approver",
  },
  [`POST ${routes.bypass}`]: {
    ...onPatch("Lets a patch past freezes and limits until a time, and past nothing else"),
    access: "admin",
    body: json(bypassSchema, { reason: "the shop is down", until }),
  },
  [`POST ${routes.release}`]: {
    ...onPatch("Lets the change of a reverted patch come again"),
    problems: ["action-conflict", "change-not-refused"],
  },
});

const stops: Described = (onPatch) => ({
  [`GET ${routes.stops}`]: {
    tag: "Actions",
    summary: "What is stopped or waived, by whom and until when, and which changes are refused",
    access: "read",
    answer: json(answers.anyDocument),
  },
  [`POST ${routes.stops}`]: {
    ...onPatch("Stops a repository, author, builder, head or patch; rollbacks go on"),
    body: json(stopBodySchema, { scope: { kind: "author", name: "agent-7" }, reason: "runs wild" }),
    problems: ["action-conflict", "patch-unknown", "patch-ambiguous"],
  },
  [`POST ${routes.liftStop}`]: {
    ...onPatch("Lifts a stop or a quarantine"),
    body: json(liftBodySchema, { scope: { kind: "author", name: "agent-7" }, reason: "repaired" }),
    problems: ["action-conflict", "stop-unknown", "patch-unknown", "patch-ambiguous"],
  },
  [`GET ${routes.limits}`]: {
    tag: "Actions",
    summary: "Freezes and quotas of each repository, what holds now, and how much of them is used",
    access: "read",
    answer: json(answers.limits),
  },
});

const waivers: Described = (onPatch) => ({
  [`POST ${routes.waivers}`]: {
    ...onPatch("Lets what a rule finds in some paths of a repository hold nothing up, for a time"),
    access: "admin",
    body: json(waiverBodySchema, {
      repository: "shop",
      rule: "child-process",
      path: "tools/**",
      until,
      reason: "build scripts, read by hand",
    }),
    answer: json(answers.waived, {
      id: "op-0123456789abcdef0123456789abcdef",
      waiver: "w-0123456789",
    }),
    problems: ["action-conflict", "repository-unknown"],
  },
  [`POST ${routes.endWaiver}`]: {
    ...onPatch("Ends a waiver early"),
    body: json(endWaiverBodySchema, { id: "w-0123456789", reason: "moved to a library" }),
    problems: ["action-conflict", "waiver-unknown"],
  },
});

const people: Described = (onPatch) => ({
  [`GET ${routes.me}`]: {
    tag: "Actions",
    summary: "Whose token this is, and which roles that gives",
    access: "viewer",
    answer: json(answers.me, { name: "ann", roles: ["approver"], isShared: false }),
  },
  [`GET ${routes.delegations}`]: {
    tag: "Actions",
    summary: "Who stands in for whom, and until when",
    access: "read",
    answer: json(answers.anyDocument),
  },
  [`POST ${routes.delegations}`]: {
    ...onPatch("Names a stand-in for whoever asks, until a time"),
    access: "approver",
    body: json(delegationBodySchema, { to: "bob", until, reason: "on holiday" }),
  },
  [`POST ${routes.endDelegation}`]: {
    ...onPatch("Ends it early"),
    access: "approver",
    body: json(endDelegationBodySchema, { to: "bob", reason: "back" }),
    problems: ["action-conflict", "delegation-unknown"],
  },
});
