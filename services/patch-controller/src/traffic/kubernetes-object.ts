/**
 * One object of a cluster, changed by compare-and-set. The client library is loaded only when there is
 * such an object: it is by far the heaviest thing a controller can hold.
 */
import type { Steered } from "@council/contracts";
import type { CustomObjectsApi } from "@kubernetes/client-node";
import { z } from "zod";

/** Remembers the latest order in the object itself, where every controller can see it (P1). */
export const sequenceAnnotation = "council/sequence";

const mostAttempts = 10;
const lookEveryMs = 250;

export interface ObjectPlace {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

export interface ClusterAccess {
  readonly kubeconfig?: string;
  readonly context?: string;
}

const objectSchema = z.looseObject({
  metadata: z.looseObject({
    generation: z.number().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.looseObject({}),
  status: z.looseObject({}).optional(),
});
export type ClusterObject = z.infer<typeof objectSchema>;

export type Changed =
  | { readonly kind: "changed"; readonly object: ClusterObject }
  | Exclude<Steered, { kind: "steered" }>;

/** Loads the client once; which cluster and account is the kubeconfig's matter. */
export function openCluster({
  kubeconfig,
  context,
}: ClusterAccess): () => Promise<CustomObjectsApi> {
  let opened: Promise<CustomObjectsApi> | undefined;
  const open = async () => {
    const { CustomObjectsApi: Api, KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
    return config.makeApiClient(Api);
  };
  return async () => {
    opened ??= open();
    try {
      return await opened;
    } catch (error) {
      opened = undefined; // a kubeconfig may be repaired
      throw error;
    }
  };
}

/**
 * Changes `spec` unless a later order did before. A write that meets another's is read and tried again.
 * `change` gives the new spec, or why there is none.
 */
export async function changeSpec(
  api: CustomObjectsApi,
  place: ObjectPlace,
  sequence: number,
  change: (spec: ClusterObject["spec"]) => object | string,
): Promise<Changed> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const object = await readObject(api, place);
    const { annotations = {} } = object.metadata;
    if (Number(annotations[sequenceAnnotation] ?? 0) > sequence) return { kind: "overtaken" };
    const spec = change(object.spec);
    if (typeof spec === "string") return { kind: "failed", reason: spec };
    const noted = { ...annotations, [sequenceAnnotation]: String(sequence) };
    const body = { ...object, spec, metadata: { ...object.metadata, annotations: noted } };
    try {
      const answer: unknown = await api.replaceNamespacedCustomObject({ ...place, body });
      return { kind: "changed", object: objectSchema.parse(answer) };
    } catch (error) {
      if (codeOf(error) !== 409) throw error;
    }
  }
  return { kind: "failed", reason: `${place.plural}/${place.name} is changed all the time` };
}

export async function readObject(
  api: CustomObjectsApi,
  place: ObjectPlace,
): Promise<ClusterObject> {
  return objectSchema.parse(await api.getNamespacedCustomObject(place));
}

/** Looks until the cluster shows what was asked for; `shows` gives what is still missing. */
export async function awaitShown(
  api: CustomObjectsApi,
  place: ObjectPlace,
  timeoutMs: number,
  shows: (object: ClusterObject) => string | undefined,
): Promise<Steered> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const missing = shows(await readObject(api, place));
    if (missing === undefined) return { kind: "steered" };
    if (performance.now() >= endsAt) return { kind: "failed", reason: missing };
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** The whole order within its time; whatever the cluster or the client throws is a failure with a reason. */
export async function withinCluster(
  place: ObjectPlace,
  timeoutMs: number,
  work: () => Promise<Steered>,
): Promise<Steered> {
  const late = Promise.withResolvers<Steered>();
  const where = `${place.plural}/${place.name}`;
  const timer = setTimeout(
    () => late.resolve({ kind: "failed", reason: `${where}: no answer in ${timeoutMs} ms` }),
    timeoutMs * 2,
  );
  try {
    return await Promise.race([work(), late.promise]);
  } catch (error) {
    const code = codeOf(error);
    const what =
      code === undefined ? "the cluster cannot be reached" : `the cluster answers ${code}`;
    return { kind: "failed", reason: `${where}: ${what}` };
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "number" ? code : undefined;
}
