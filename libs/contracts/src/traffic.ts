/** Who moves traffic between the baseline and the canary of a repository, as an operator writes it. */
import { z } from "zod";

const name = z.string().min(1).max(253);
const kubernetes = {
  namespace: name,
  /** A kubeconfig file; absent is the service account of the pod, or the user's own file. */
  kubeconfig: z.string().min(1).max(1000).exactOptional(),
  context: name.exactOptional(),
};
const timeoutMs = z.number().int().min(100).max(60_000).default(10_000);

export const trafficSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("command"),
    /** The operator's own program and its arguments; no shell reads them. */
    argv: z.array(z.string().min(1)).min(1).max(50),
    timeoutMs,
  }),
  z.strictObject({ kind: z.literal("http"), url: z.url({ protocol: /^https?$/ }), timeoutMs }),
  z.strictObject({ kind: z.literal("argo-rollouts"), ...kubernetes, rollout: name, timeoutMs }),
  z.strictObject({
    kind: z.literal("gateway-api"),
    ...kubernetes,
    route: name,
    /** Names of the services behind the route. */
    baseline: name,
    canary: name,
    timeoutMs,
  }),
]);
export type Traffic = z.infer<typeof trafficSchema>;

/** One order to a driver. The same order twice is one order; a later one has the greater sequence. */
export interface TrafficOrder {
  readonly effectId: string;
  readonly patchId: string;
  readonly repository: string;
  readonly stage: string;
  /** What the canary gets, 0–100. */
  readonly weightPercent: number;
  readonly sequence: number;
}

/** `steered` is said only once the weight was seen in force. */
export type Steered =
  | { readonly kind: "steered" }
  /** A later order came first; this one is about the past and changed nothing. */
  | { readonly kind: "overtaken" }
  | { readonly kind: "failed"; readonly reason: string };
