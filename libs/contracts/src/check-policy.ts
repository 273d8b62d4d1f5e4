/**
 * A policy as an operator writes it, checked as a whole: every fault comes at once, each with the
 * field and what to do. The file is the operator's own; nothing is ever read from the tree of a
 * repository under guard, whose patches could then loosen the policy that judges them (P10).
 */
import { defaultPolicy, type Policy, policyFaults } from "@council/domain";
import { z } from "zod";
import { policyChangesSchema } from "./patch-schema.ts";

export type PolicyChanges = z.infer<typeof policyChangesSchema>;

/** One fault of what an operator wrote: where, what, and what to do about it. */
export interface WrittenFault {
  readonly field: string;
  readonly problem: string;
  readonly remedy: string;
}

export type CheckedPolicy =
  | { readonly kind: "usable"; readonly changes: PolicyChanges; readonly policy: Policy }
  | { readonly kind: "faulty"; readonly faults: readonly WrittenFault[] };

/** What the default policy becomes with these changes, or every fault of them. Total. */
export function checkPolicy(written: unknown, defaults: Policy = defaultPolicy): CheckedPolicy {
  const parsed = policyChangesSchema.safeParse(written ?? {});
  const sound = parsed.success ? parsed.data : soundFields(written);
  const limits = { ...defaults.limits, ...sound.limits };
  const policy = { ...defaults, ...sound, limits } as Policy;
  const faults = [
    ...(parsed.success ? [] : writtenFaults(parsed.error.issues)),
    ...policyFaults(policy).map(faultOf),
  ];
  if (faults.length > 0 || !parsed.success) return { kind: "faulty", faults };
  return { kind: "usable", changes: parsed.data, policy };
}

/** The fields that can be read, so that what they say together is checked in the same go. */
function soundFields(written: unknown): PolicyChanges {
  if (typeof written !== "object" || written === null) return {};
  const fields = Object.entries(written).filter(
    ([name, value]) => policyChangesSchema.safeParse({ [name]: value }).success,
  );
  return Object.fromEntries(fields) as PolicyChanges;
}

/** "field: problem; remedy" of the domain, in its parts. */
function faultOf(text: string): WrittenFault {
  const [, field = "policy", problem = text, remedy = "correct it"] =
    /^(\w+): (.*?)(?:; (.*))?$/.exec(text) ?? [];
  return { field, problem, remedy };
}

/** What a schema found, in words for whoever wrote the file. */
export function writtenFaults(issues: readonly z.core.$ZodIssue[]): WrittenFault[] {
  return issues.flatMap((issue) => {
    const field = issue.path.join(".") || "the file";
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        field: [...issue.path, key].join("."),
        problem: "is not a field here",
        remedy: "remove it, or correct its spelling",
      }));
    return [{ field, problem: issue.message, remedy: remedyOf(issue) }];
  });
}

function remedyOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `use one of ${issue.values.map(String).join(", ")}`;
    case "invalid_type":
      return `write a value of the type ${issue.expected}`;
    case "too_small":
      return `use ${issue.minimum} or more`;
    case "too_big":
      return `use ${issue.maximum} or less`;
    default:
      return "correct it";
  }
}
