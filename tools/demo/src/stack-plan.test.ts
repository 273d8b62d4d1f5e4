import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPrivateKey, publicKeyPem } from "@council/evidence";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { planProcesses, prepareStack, processNames } from "./stack-plan.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-stack-test-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

const options = () =>
  ({
    dir,
    redisUrl: "redis://127.0.0.1:1",
    repositoriesYaml: "repositories: []\n",
    builders: [
      { slot: "a", provider: "recorded", recordings: "/recordings" },
      { slot: "b", provider: "command", command: ["node", "-e", "1"], family: "agent" },
    ],
    replicas: { gateway: 2 },
    env: { COUNCIL_LOG_LEVEL: "warn" },
    processEnv: { gateway: { COUNCIL_LOG_LEVEL: "debug" }, "gateway.2": { EXTRA: "1" } },
  }) as const;

function plan() {
  const secrets = prepareStack(options());
  const ports = processNames(options()).map((_, index) => 4000 + index);
  const plans = planProcesses(options(), secrets, ports);
  return { secrets, plans, byName: Object.fromEntries(plans.map((each) => [each.name, each])) };
}

test("one process per service, builder slot and head; more where asked for", () => {
  expect(processNames(options())).toEqual([
    "gateway",
    "gateway.2",
    "builder-a",
    "builder-b",
    "diff-engine",
    "auditor-rules",
    "auditor-proof",
    "auditor-contract",
    "patch-controller",
    "streaming-auditor",
  ]);
  expect(processNames({ heads: ["rules"] })).toContain("auditor-rules");
  expect(processNames({ heads: ["rules"] })).not.toContain("builder-a");
});

test("every process has its own port, data folder and log", () => {
  const { plans } = plan();
  const distinct = (values: readonly unknown[]) => new Set(values).size;
  expect(distinct(plans.map(({ opsPort }) => opsPort))).toBe(10);
  expect(distinct(plans.map(({ env }) => env["COUNCIL_DATA_DIR"]))).toBe(10);
  expect(distinct(plans.map(({ logFile }) => logFile))).toBe(10);
});

test("secrets reach only those who need them", async () => {
  const { byName, plans, secrets } = plan();
  const knowing = (text: string) =>
    plans.filter(({ env }) => Object.values(env).some((value) => value.includes(text)));
  const gateways = ["gateway", "gateway.2"];
  expect(knowing(secrets.operatorToken).map(({ name }) => name)).toEqual(gateways);
  expect(knowing(secrets.webhookSecret).map(({ name }) => name)).toEqual(gateways);
  const keyFile = byName["auditor-proof"]!.env["COUNCIL_HEAD_KEY_FILE"]!;
  expect(knowing(keyFile).map(({ name }) => name)).toEqual(["auditor-proof"]);
  expect((await stat(keyFile)).mode & 0o077).toBe(0);
  const loaded = loadPrivateKey(await readFile(keyFile, "utf8"));
  const ring = JSON.parse(
    await readFile(byName["patch-controller"]!.env["COUNCIL_KEYRING_FILE"]!, "utf8"),
  );
  expect(loaded.kind === "loaded" && publicKeyPem(loaded.privateKey)).toBe(ring.proof);
});

test("the environment of whoever starts it does not configure Council by accident", () => {
  vi.stubEnv("COUNCIL_AUTONOMY", "observe");
  vi.stubEnv("COUNCIL_BWRAP", "/opt/bwrap");
  vi.stubEnv("OPENAI_API_KEY", "sk-secret");
  const { byName } = plan();
  const env = byName["diff-engine"]!.env;
  expect(env).not.toHaveProperty("COUNCIL_AUTONOMY");
  expect(env).not.toHaveProperty("OPENAI_API_KEY");
  expect(env).toMatchObject({ COUNCIL_BWRAP: "/opt/bwrap", COUNCIL_PARENT_PID: `${process.pid}` });
});

test("added environment goes from all to one kind to one process", () => {
  const { byName } = plan();
  expect(byName["diff-engine"]!.env["COUNCIL_LOG_LEVEL"]).toBe("warn");
  expect(byName["gateway"]!.env["COUNCIL_LOG_LEVEL"]).toBe("debug");
  expect(byName["gateway.2"]!.env).toMatchObject({ COUNCIL_LOG_LEVEL: "debug", EXTRA: "1" });
  expect(byName["builder-b"]!.env).toMatchObject({
    COUNCIL_BUILDER_COMMAND: '["node","-e","1"]',
    COUNCIL_BUILDER_FAMILY: "agent",
    COUNCIL_BUILDER_SLOT: "b",
  });
  expect(byName["builder-a"]!.env["COUNCIL_BUILDER_RECORDINGS"]).toBe("/recordings");
});
