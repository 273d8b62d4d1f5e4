import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Deployer } from "./deployer.ts";
import { startDeployer } from "./deployer.ts";
import { demoPatches } from "./patches/demo-patches.ts";
import type { Routes } from "./proxy.ts";
import { runGit } from "./run-git.ts";
import type { SampleRepository } from "./sample-repository.ts";
import { makeSampleRepository } from "./sample-repository.ts";
import type { SampleLine } from "./sample-sender.ts";

let dir: string;
let repository: SampleRepository;
let deployer: Deployer | undefined;
const routes: Routes[] = [];
const samples: SampleLine[] = [];
const failures: unknown[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-deployer-test-"));
  repository = await makeSampleRepository(join(dir, "product"));
  routes.length = samples.length = failures.length = 0;
});
afterEach(async () => {
  await deployer?.stop();
  deployer = undefined;
  await rm(dir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  deployer = await startDeployer({
    bare: repository.bare,
    dir: join(dir, "deployed"),
    onRoutes: (next) => routes.push(next),
    onSamples: (...lines) => samples.push(...lines),
    onFailure: (error) => failures.push(error),
  });
}

/** Commits a tree onto a branch the way Council does: with trailers. */
async function commit(branch: string, tree: string, trailers: Record<string, string>) {
  const { bare } = repository;
  const parent = (await repository.head(branch)) ?? (await repository.head("main"))!;
  const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}`);
  const message = ["A change", lines.join("\n")].join("\n\n");
  const made = await runGit(bare, ["commit-tree", tree, "-p", parent, "-m", message]);
  await runGit(bare, ["update-ref", `refs/heads/${branch}`, made.trim()]);
  return made.trim();
}

/** The tree of a patch, with its objects in the bare repository. */
async function treeOfPatch(key: string): Promise<string> {
  const { tree } = await repository.draft(demoPatches.find((patch) => patch.key === key)!);
  const work = join(dir, "product", "author");
  const made = (await runGit(work, ["commit-tree", tree, "-m", "tree"])).trim();
  await runGit(work, ["push", "--quiet", repository.bare, `${made}:refs/heads/objects-${key}`]);
  return tree;
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 20 });
const answerOf = async (port: number) =>
  (await fetch(`http://127.0.0.1:${port}/answer?q=capital+of+Peru`)).json();

test("deploys a landing beside main, keeps it on its way to main, takes a reverted one down, measures what is back", async () => {
  const base = await repository.treeOf("main");
  const tree = await treeOfPatch("good");
  await start();
  expect(routes).toHaveLength(1);
  expect(routes[0]!.canary).toBeUndefined();

  const patch = { "Council-Patch": "p00-good" };
  await commit("council/canary", tree, { ...patch, "Council-Stage": "canary" });
  await until(() => expect(routes.at(-1)!.canary?.weight).toBe(0.3));
  const canary = routes.at(-1)!;
  expect(await answerOf(canary.canary!.port)).toHaveProperty("source", "capital-peru");
  expect(await answerOf(canary.baselinePort)).not.toHaveProperty("source");
  await until(() => {
    expect(samples).toContainEqual(
      expect.objectContaining({ arm: "canary", metric: "coverage", value: 1, unit: "ratio" }),
    );
    expect(samples).toContainEqual(expect.objectContaining({ arm: "baseline", value: 1 }));
  });

  const landed = await commit("main", tree, { ...patch, "Council-Stage": "target" });
  await until(() => expect(routes.at(-1)!.canary?.weight).toBe(0.5));
  expect(routes.at(-1)!.canary!.port).toBe(canary.canary!.port);
  expect(routes.at(-1)!.baselinePort).toBe(canary.baselinePort);

  await commit("main", base, { ...patch, "Council-Reverts": landed });
  await until(() => expect(deployer!.current()!.canary?.tree).toBe(base));
  expect(deployer!.current()!.baseline.tree).toBe(base);
  expect(await answerOf(routes.at(-1)!.canary!.port)).not.toHaveProperty("source");
  await until(() => expect(answerOf(canary.canary!.port)).rejects.toThrow("fetch failed"));
  deployer!.conclude("p00-good");
  await until(() => expect(routes.at(-1)!.canary).toBeUndefined());
  expect(failures).toEqual([]);
});

test("a version that does not come up gets no weight and is reported", async () => {
  const { bare } = repository;
  const empty = (await runGit(bare, ["hash-object", "-t", "tree", "-w", "/dev/null"])).trim();
  await start();
  await commit("council/canary", empty, { "Council-Patch": "p00-x", "Council-Stage": "canary" });
  await until(() => expect(failures).not.toEqual([]));
  expect(routes.at(-1)!.canary).toBeUndefined();
});

test("a settled patch becomes the baseline", async () => {
  const tree = await treeOfPatch("good");
  await start();
  const trailers = { "Council-Patch": "p00-good", "Council-Stage": "target" };
  await commit("main", tree, trailers);
  await until(() => expect(routes.at(-1)!.canary?.weight).toBe(0.5));
  const port = routes.at(-1)!.canary!.port;
  deployer!.conclude("p00-good");
  await until(() => expect(routes.at(-1)).toEqual({ baselinePort: port }));
});
