import type { Traffic } from "@council/contracts";
import type { CustomObjectsApi } from "@kubernetes/client-node";
import { z } from "zod";
import {
  awaitShown,
  changeSpec,
  type ClusterObject,
  type ObjectPlace,
  openCluster,
  withinCluster,
} from "./kubernetes-object.ts";
import type { SteerTraffic } from "./steer-traffic.ts";

const canarySchema = z.looseObject({ strategy: z.looseObject({ canary: z.looseObject({}) }) });
const statusSchema = z.looseObject({
  abort: z.boolean().optional(),
  observedGeneration: z.union([z.string(), z.number()]).optional(),
  canary: z
    .looseObject({
      weights: z
        .looseObject({ canary: z.looseObject({ weight: z.number() }).optional() })
        .optional(),
    })
    .optional(),
});

/**
 * Steers an Argo Rollout (argoproj.io/v1alpha1) with traffic routing. Its steps become the one weight
 * that is in force, with a pause after it, so that nothing but Council moves it on; 100 has no pause, and the
 * rollout is promoted. 0 aborts it, which sends everything to the stable version at once.
 */
export function argoRolloutsDriver(
  traffic: Extract<Traffic, { kind: "argo-rollouts" }>,
): SteerTraffic {
  const { namespace, rollout: name, timeoutMs } = traffic;
  const cluster = openCluster(traffic);
  const version = "v1alpha1";
  const place = { group: "argoproj.io", version, plural: "rollouts", namespace, name };
  return ({ weightPercent, sequence }) =>
    withinCluster(place, timeoutMs, async () => {
      const api = await cluster();
      const isDrain = weightPercent === 0;
      const changed = await changeSpec(api, place, sequence, (spec) => {
        if (isDrain) return spec;
        const read = canarySchema.safeParse(spec);
        if (!read.success) return `rollouts/${name} has no canary strategy`;
        const { strategy } = read.data;
        const steps = stepsFor(weightPercent);
        return { ...spec, strategy: { ...strategy, canary: { ...strategy.canary, steps } } };
      });
      if (changed.kind !== "changed") return changed;
      if (isDrain !== (statusOf(changed.object).abort ?? false))
        await setAbort(api, place, isDrain);
      return awaitShown(api, place, timeoutMs, (object) => missing(object, name, weightPercent));
    });
}

const stepsFor = (weightPercent: number) => [
  { setWeight: weightPercent },
  ...(weightPercent === 100 ? [] : [{ pause: {} }]),
];

const statusOf = ({ status }: ClusterObject) => statusSchema.parse(status ?? {});

function setAbort(api: CustomObjectsApi, place: ObjectPlace, value: boolean): Promise<unknown> {
  const body = [{ op: "add", path: "/status/abort", value }];
  return api.patchNamespacedCustomObjectStatus({ ...place, body });
}

function missing(object: ClusterObject, name: string, weightPercent: number): string | undefined {
  const { abort = false, canary } = statusOf(object);
  const weight = canary?.weights?.canary?.weight;
  if (abort !== (weightPercent === 0)) return `rollouts/${name}: abort is ${abort}`;
  // A rollout that was promoted has no canary left to show a weight for.
  if (weight === weightPercent || (weight === undefined && weightPercent === 100)) return undefined;
  return `rollouts/${name}: the canary gets ${weight ?? "an unknown share"}, not ${weightPercent} %`;
}
