import type { Traffic } from "@council/contracts";
import { z } from "zod";
import {
  awaitShown,
  changeSpec,
  type ClusterObject,
  openCluster,
  withinCluster,
} from "./kubernetes-object.ts";
import type { SteerTraffic } from "./steer-traffic.ts";

type GatewayApi = Extract<Traffic, { kind: "gateway-api" }>;

const backendSchema = z.looseObject({ name: z.string(), weight: z.number().optional() });
const rulesSchema = z.array(z.looseObject({ backendRefs: z.array(backendSchema).optional() }));
const statusSchema = z.looseObject({
  parents: z
    .array(
      z.looseObject({
        conditions: z
          .array(
            z.looseObject({
              type: z.string(),
              status: z.string(),
              observedGeneration: z.number().optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});

/**
 * Sets the weights of an HTTPRoute (gateway.networking.k8s.io/v1) in every rule that routes to both
 * services, then waits until each gateway has accepted the route as it is now.
 */
export function gatewayApiDriver(traffic: GatewayApi): SteerTraffic {
  const { namespace, route: name, timeoutMs } = traffic;
  const cluster = openCluster(traffic);
  const group = "gateway.networking.k8s.io";
  const place = { group, version: "v1", plural: "httproutes", namespace, name };
  return (order) =>
    withinCluster(place, timeoutMs, async () => {
      const api = await cluster();
      const weights = {
        [traffic.canary]: order.weightPercent,
        [traffic.baseline]: 100 - order.weightPercent,
      };
      const changed = await changeSpec(api, place, order.sequence, (spec) => {
        const rules = rulesSchema.safeParse(spec["rules"]);
        const steered = rules.success ? withWeights(rules.data, weights) : undefined;
        return steered
          ? { ...spec, rules: steered }
          : `httproutes/${name} has no rule with both ${traffic.baseline} and ${traffic.canary}`;
      });
      if (changed.kind !== "changed") return changed;
      return awaitShown(api, place, timeoutMs, (object) => unaccepted(object, name));
    });
}

type Rules = z.infer<typeof rulesSchema>;

/** Undefined when no rule routes to both. */
function withWeights(rules: Rules, weights: Readonly<Record<string, number>>): Rules | undefined {
  const isSplit = ({ backendRefs = [] }: Rules[number]) =>
    Object.keys(weights).every((name) => backendRefs.some((backend) => backend.name === name));
  if (!rules.some(isSplit)) return undefined;
  return rules.map((rule) => {
    if (!isSplit(rule)) return rule;
    const backendRefs = (rule.backendRefs ?? []).map((backend) => ({
      ...backend,
      ...(weights[backend.name] === undefined ? {} : { weight: weights[backend.name] }),
    }));
    return { ...rule, backendRefs };
  });
}

function unaccepted({ metadata, status }: ClusterObject, name: string): string | undefined {
  const { parents = [] } = statusSchema.parse(status ?? {});
  const isAccepted = parents.every(({ conditions = [] }) =>
    conditions.some(
      ({ type, status: held, observedGeneration = 0 }) =>
        type === "Accepted" && held === "True" && observedGeneration >= (metadata.generation ?? 0),
    ),
  );
  if (parents.length > 0 && isAccepted) return undefined;
  return `httproutes/${name}: no gateway has accepted the new weights yet`;
}
