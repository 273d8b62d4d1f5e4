/** The two drivers of clusters through the real client, against a server that speaks the cluster's API. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { argoRolloutsDriver } from "./argo-rollouts-driver.ts";
import { gatewayApiDriver } from "./gateway-api-driver.ts";
import { sequenceAnnotation } from "./kubernetes-object.ts";

type Step = { setWeight?: number; pause?: object };
interface Spec {
  replicas?: number;
  rules?: { backendRefs: { name: string; weight: number }[] }[];
  strategy?: { canary: { steps: Step[] } };
}
interface Stored {
  metadata: Record<string, unknown> & { resourceVersion: string; generation: number };
  spec: Spec;
  status?: Record<string, unknown>;
}

const routePath = "/apis/gateway.networking.k8s.io/v1/namespaces/prod/httproutes/shop";
const rolloutPath = "/apis/argoproj.io/v1alpha1/namespaces/prod/rollouts/shop";

let dir: string;
let url: string;
let objects: Map<string, Stored>;
/** What the controllers of the cluster make of a change; a test can take it away. */
let reconcile: (object: Stored, path: string) => void;
let conflicts: number;
let writes: string[];
const server = createServer((request, response) => void serve(request, response));

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dir = await mkdtemp(join(tmpdir(), "council-cluster-"));
  const named = (name: string, value: object) => [{ name, ...value }];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: named("c", { cluster: { server: url, "insecure-skip-tls-verify": true } }),
    users: named("u", { user: {} }),
    contexts: named("x", { context: { cluster: "c", user: "u" } }),
    "current-context": "x",
  };
  await writeFile(join(dir, "config"), JSON.stringify(config));
});
afterAll(async () => {
  server.close().closeAllConnections();
  await rm(dir, { recursive: true });
});

beforeEach(() => {
  [conflicts, writes] = [0, []];
  const backends = (...names: string[]) => names.map((name) => ({ name, port: 80, weight: 1 }));
  const metadata = () => ({ name: "shop", resourceVersion: "1", generation: 1 });
  const rules = [
    { backendRefs: backends("shop", "shop-canary") },
    { backendRefs: backends("static") },
  ];
  const canary = {
    canaryService: "shop-canary",
    trafficRouting: { nginx: {} },
    steps: [{ pause: {} }],
  };
  objects = new Map<string, Stored>([
    [routePath, { metadata: metadata(), spec: { rules }, status: { parents: [{}] } }],
    [
      rolloutPath,
      { metadata: metadata(), spec: { replicas: 3, strategy: { canary } }, status: {} },
    ],
  ]);
  reconcile = (object, path) => {
    if (path === routePath) {
      const accepted = {
        type: "Accepted",
        status: "True",
        observedGeneration: object.metadata.generation,
      };
      object.status = { parents: [{ conditions: [accepted] }] };
      return;
    }
    const { abort = false } = object.status ?? {};
    const weight: number = abort ? 0 : (object.spec.strategy?.canary.steps[0]?.setWeight ?? 0);
    object.status = { ...object.status, canary: { weights: { canary: { weight } } } };
  };
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ""] = (request.url ?? "").split("?");
  const isStatus = path.endsWith("/status");
  const stored = objects.get(path.replace(/\/status$/, ""));
  const body = await text(request);
  const answer = (status: number, value: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  if (!stored) return void answer(404, { kind: "Status", code: 404 });
  if (request.method !== "GET") writes.push(`${request.method} ${isStatus ? "status" : "object"}`);
  if (request.method === "PUT") {
    const given = JSON.parse(body) as Stored;
    const isOutdated = given.metadata.resourceVersion !== stored.metadata.resourceVersion;
    if (isOutdated || (conflicts -= 1) >= 0) return void answer(409, { kind: "Status", code: 409 });
    const isSame = JSON.stringify(given.spec) === JSON.stringify(stored.spec);
    Object.assign(stored.metadata, given.metadata);
    stored.spec = given.spec;
    stored.metadata.resourceVersion = String(Number(stored.metadata.resourceVersion) + 1);
    if (!isSame) stored.metadata.generation += 1;
    reconcile(stored, path);
  }
  if (request.method === "PATCH") {
    expect(request.headers["content-type"]).toContain("application/json-patch+json");
    const [{ value }] = JSON.parse(body) as [{ value: boolean }];
    stored.status = { ...stored.status, abort: value };
    reconcile(stored, path.replace(/\/status$/, ""));
  }
  answer(200, stored);
}

const order = (weightPercent: number, sequence: number) => ({
  effectId: "e",
  patchId: "p1",
  repository: "shop",
  stage: "canary",
  weightPercent,
  sequence,
});
const place = () => ({ namespace: "prod", kubeconfig: join(dir, "config"), timeoutMs: 1500 });
const route = () =>
  gatewayApiDriver({
    kind: "gateway-api",
    ...place(),
    route: "shop",
    baseline: "shop",
    canary: "shop-canary",
  });
const rollout = (name = "shop") =>
  argoRolloutsDriver({ kind: "argo-rollouts", ...place(), rollout: name });

const weights = () =>
  (objects.get(routePath)?.spec.rules ?? []).map(({ backendRefs }) =>
    backendRefs.map(({ name, weight }) => `${name} ${weight}`).join(", "),
  );

test("gateway api: the weights of the split rule change, every other stays", async () => {
  expect(await route()(order(25, 2))).toEqual({ kind: "steered" });
  expect(weights()).toEqual(["shop 75, shop-canary 25", "static 1"]);
  expect(objects.get(routePath)?.metadata["annotations"]).toEqual({ [sequenceAnnotation]: "2" });
  expect(await route()(order(0, 3))).toEqual({ kind: "steered" });
  expect(weights()[0]).toBe("shop 100, shop-canary 0");
});

test("P1: an order of the past changes nothing, the same order once more is one order", async () => {
  await route()(order(0, 5));
  expect(await route()(order(50, 4))).toEqual({ kind: "overtaken" });
  expect(weights()[0]).toBe("shop 100, shop-canary 0");
  expect(await route()(order(0, 5))).toEqual({ kind: "steered" });
  await rollout()(order(0, 5));
  expect(await rollout()(order(50, 4))).toEqual({ kind: "overtaken" });
});

test("a write that met another's is read and done again", async () => {
  conflicts = 3;
  expect(await route()(order(5, 2))).toEqual({ kind: "steered" });
  expect(writes).toHaveLength(4);
  conflicts = 1000;
  expect(await route()(order(25, 4))).toMatchObject({ kind: "failed" });
});

test("P4: what the cluster did not take up is a failure that says what is missing", async () => {
  reconcile = () => undefined;
  expect(await route()(order(25, 2))).toEqual({
    kind: "failed",
    reason: "httproutes/shop: no gateway has accepted the new weights yet",
  });
  expect(await rollout()(order(25, 2))).toEqual({
    kind: "failed",
    reason: "rollouts/shop: the canary gets an unknown share, not 25 %",
  });
  expect(await rollout("absent")(order(25, 2))).toEqual({
    kind: "failed",
    reason: "rollouts/absent: the cluster answers 404",
  });
  objects.get(routePath)!.spec.rules = [];
  expect(await route()(order(25, 4))).toMatchObject({
    reason: "httproutes/shop has no rule with both shop and shop-canary",
  });
  const nowhere = argoRolloutsDriver({
    kind: "argo-rollouts",
    ...place(),
    kubeconfig: join(dir, "absent"),
    rollout: "shop",
  });
  expect(await nowhere(order(0, 9))).toMatchObject({
    reason: "rollouts/shop: the cluster cannot be reached",
  });
});

test("argo rollouts: the one step is the weight in force, and nothing else of the spec changes", async () => {
  expect(await rollout()(order(25, 2))).toEqual({ kind: "steered" });
  const { spec } = objects.get(rolloutPath)!;
  expect(spec).toMatchObject({
    replicas: 3,
    strategy: { canary: { canaryService: "shop-canary" } },
  });
  expect(spec.strategy?.canary.steps).toEqual([{ setWeight: 25 }, { pause: {} }]);
  expect(await rollout()(order(100, 4))).toEqual({ kind: "steered" });
  expect(objects.get(rolloutPath)!.spec.strategy?.canary.steps).toEqual([{ setWeight: 100 }]);
});

test("argo rollouts: no traffic is an abort, and the next weight takes the abort back", async () => {
  await rollout()(order(25, 2));
  expect(await rollout()(order(0, 3))).toEqual({ kind: "steered" });
  expect(objects.get(rolloutPath)!.status).toMatchObject({ abort: true });
  expect(await rollout()(order(5, 4))).toEqual({ kind: "steered" });
  expect(objects.get(rolloutPath)!.status).toMatchObject({
    abort: false,
    canary: { weights: { canary: { weight: 5 } } },
  });
});
