import { defaultPolicy, rampedStages } from "@council/domain";
import { z } from "zod";
import { type SampleSource, sampleSourceSchema } from "./sample-source.ts";
import { trafficSchema } from "./traffic.ts";
import { accessSchema, forgeSchema } from "./forge.ts";
import { type CheckedPolicy, checkPolicy } from "./check-policy.ts";
import { policyChangesSchema } from "./patch-schema.ts";

const benchmarkSchema = z.strictObject({
  /** File of JSON lines `{id, input, expected}`, relative to this one. */
  set: z.string().min(1).max(1000),
  /** Program and arguments, started in the candidate's tree; reads cases, writes answers. */
  command: z.array(z.string().min(1)).min(1),
  timeoutMs: z.number().int().min(1000).default(300_000),
  /** Least share of right answers; absent is `ACCURACY_BASELINE_THRESHOLD`. */
  floor: z.number().min(0).max(1).exactOptional(),
  /** What a drop below the floor or the baseline means for the patch. */
  onDrop: z.enum(["reject", "ask", "report"]).default("reject"),
});
export type BenchmarkConfig = z.infer<typeof benchmarkSchema>;

/** One repository Council guards, as an operator writes it down. */
export const repositorySchema = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, "letters, digits, dot, dash, underscore and slash"),
  remote: z.string().min(1).max(1000),
  targetBranch: z.string().min(1).max(200).default("main"),
  /** The forge's name of it, for webhooks: `owner/name`. */
  github: z.string().max(200).exactOptional(),
  /** Where its changes are proposed; Council reports there. */
  forge: forgeSchema.exactOptional(),
  /** How to authenticate to the remote; absent when it needs nothing. */
  access: accessSchema.exactOptional(),
  /** Run on the candidate tree, in the sandbox, by the head `proof`. */
  testCommand: z.array(z.string().min(1)).min(1).exactOptional(),
  testTimeoutMs: z.number().int().min(1000).default(300_000),
  policy: policyChangesSchema.default({}),
  /** The policy in a file of its own, relative to this one; instead of `policy`. */
  policyFile: z.string().min(1).max(1000).exactOptional(),
  /** Cases with right answers that a candidate is measured by, in the sandbox, by the head `proof`. */
  benchmark: benchmarkSchema.exactOptional(),
  /** Who moves traffic between baseline and canary; absent when the branch alone decides. */
  traffic: trafficSchema.exactOptional(),
  /** Where samples of its watched patches are fetched from, beside those that are pushed. */
  sources: z.array(sampleSourceSchema).max(10).superRefine(distinctNames).exactOptional(),
});
export type RepositoryConfig = z.infer<typeof repositorySchema>;

export const repositoriesSchema = z.strictObject({
  repositories: z.array(repositorySchema).min(1),
});

function distinctNames(sources: SampleSource[], context: z.RefinementCtx): void {
  const names = sources.map(({ name }) => name);
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index)
      context.addIssue({
        code: "custom",
        path: [index, "name"],
        message: `"${name}" is used twice`,
      });
}

/**
 * The default policy with a repository's changes, or every fault it would have. Where traffic can be
 * steered, the default stages give the canary 5, 25 and 50 % of it before the target branch gets all.
 */
export function policyOf({
  policy,
  traffic,
}: Pick<RepositoryConfig, "policy" | "traffic">): CheckedPolicy {
  return checkPolicy(policy, traffic ? { ...defaultPolicy, stages: rampedStages } : defaultPolicy);
}
