/** What operators look at, on a running Council: metrics, every panel of every dashboard, every command of a runbook. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inboxes } from "@council/contracts";
import type { Seat } from "@council/domain";
import { digestOf } from "@council/evidence";
import { type LoopbackModels, startLoopbackModels } from "@council/providers/loopback-models";
import {
  ensurePrometheus,
  ensurePromtool,
  type PrivatePrometheus,
  startPrivatePrometheus,
} from "@council/scripts/monitoring-tools.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstFiles, startWorld, type World } from "../e2e/council-world.ts";
import { isAtRest } from "../e2e/ledger-book.ts";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);
const say = () => {};
const seats: readonly Seat[] = [
  { head: "guard", family: "guard", mustVote: true },
  { head: "gemini", family: "google", isModel: true },
];
const task = { title: "Add subtraction", instructions: "Add a function that subtracts." };
const subtraction = `${firstFiles["src/add.js"]}export const subtract = (a, b) => a - b;\n`;

let models: LoopbackModels;
let world: World;
let prometheus: PrivatePrometheus;
let dir: string;

beforeAll(async () => {
  const program = await ensurePrometheus({ say });
  if (program.kind !== "binary") throw new Error(program.reason);
  dir = mkdtempSync(join(tmpdir(), "council-world-"));
  models = await startLoopbackModels(() => ({
    kind: "text",
    text: JSON.stringify({ verdict: "approve", findings: [] }),
  }));
  models.list({ "gemini-3.8-flash": {} });
  world = await startWorld({
    dir,
    repositories: { kept: { seats }, taken: { seats } },
    heads: ["guard", "gemini"],
    builders: (["a", "b"] as const).map((slot) => ({
      slot,
      provider: "recorded" as const,
      family: `family-${slot}`,
      recordings: recordingsOf(slot),
    })),
    processEnv: {
      "auditor-gemini": {
        COUNCIL_HEAD_PROVIDER: "gemini",
        COUNCIL_HEAD_MODEL: "gemini-3.8-flash",
        COUNCIL_HEAD_BASE_URL: models.baseUrl("gemini"),
        COUNCIL_HEAD_API_KEY: randomBytes(24).toString("hex"),
      },
    },
    env: { COST_DAILY_LIMIT: "5" },
  });
  const hostOf = ({ opsUrl }: { opsUrl: string }) => new URL(opsUrl).host;
  const [gateway, ...others] = world.stack.processes().map(hostOf);
  prometheus = await startPrivatePrometheus({
    server: program.path,
    dir: join(dir, "prometheus"),
    targets: { "council-gateway": [gateway ?? ""], council: others },
    scrapeIntervalMs: 1000,
    ruleFiles: [join(root, "prometheus/rules/*.yaml")],
  });
}, 90_000);

afterAll(async () => {
  await prometheus?.stop();
  await models?.close();
  const left = (await world?.stop()) ?? [];
  if (left.length > 0) throw new Error(left.join("\n"));
}, 60_000);

/** Both builders found the same solution; only their layout differs. */
function recordingsOf(slot: "a" | "b"): string {
  const folder = join(dir, `recordings-${slot}`);
  mkdirSync(folder, { recursive: true });
  const content = slot === "a" ? subtraction : subtraction.replace("(a, b) => a - b", "(a,b)=>a-b");
  const recording = { files: { "src/add.js": content } };
  writeFileSync(join(folder, `${digestOf(task)}.json`), JSON.stringify(recording));
  return folder;
}

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

async function ask(expr: string): Promise<number[]> {
  const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  if (!response.ok) throw new Error(`${expr}: ${await response.text()}`);
  const { data } = (await response.json()) as Answer;
  return data.result.map(({ value }) => Number(value[1]));
}

const isScraped = async (processes: number) =>
  (await ask("up == 1")).length === processes && (await ask("up offset 2s")).length === processes;

async function submitTask(repository: string, conduct: "good" | "slow"): Promise<string> {
  const base = (await world.remote(repository).head()) ?? "";
  const sheet = { paths: ["src/**"] };
  const id = await world.submit({ repository, base, title: task.title, author: "a", task, sheet });
  world.feed.conduct(id, () => conduct);
  return id;
}

async function panelQueries(): Promise<{ at: string; expr: string }[]> {
  const folder = join(root, "grafana/dashboards");
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  return texts
    .map((text) => JSON.parse(text) as Dashboard)
    .flatMap((dashboard) =>
      dashboard.panels.flatMap(({ title, targets = [] }) =>
        targets.map(({ expr }) => ({
          at: `${dashboard.title}, ${title}: ${expr}`,
          expr: expr.replaceAll("$__rate_interval", "1m").replaceAll("$__range", "5m"),
        })),
      ),
    );
}
interface Dashboard {
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { expr: string }[];
  }[];
}

test("every panel of every dashboard shows something, once patches were kept and taken back", async () => {
  // What happens before the first look at a counter is no increase.
  await expect
    .poll(() => isScraped(world.stack.processes().length), { timeout: 20_000 })
    .toBe(true);
  const kept = await submitTask("kept", "good");
  const taken = await submitTask("taken", "slow");
  const ends = await Promise.all(
    [kept, taken].map((id) => world.book.until(id, "at rest", isAtRest)),
  );
  expect(ends.map((entries) => entries.at(-1)?.event.type)).toEqual(["Settled", "Reverted"]);
  const queries = await panelQueries();
  expect(queries.length).toBeGreaterThan(40);
  const empty = async () => {
    const answers = await Promise.all(
      queries.map(async ({ at, expr }) => ({ at, values: await ask(expr) })),
    );
    return answers.filter(({ values }) => !values.some(Number.isFinite)).map(({ at }) => at);
  };
  await expect.poll(empty, { timeout: 30_000, interval: 1000 }).toEqual([]);
}, 120_000);

test("promtool has nothing against the metrics of any service", async () => {
  const promtool = await ensurePromtool({ say });
  if (promtool.kind !== "binary") throw new Error(promtool.reason);
  const faults = world.stack.processes().map(async ({ name, opsUrl }) => {
    const text = await (await fetch(`${opsUrl}/metrics`)).text();
    expect(text).toContain("process_cpu_seconds_total");
    return (await lint(promtool.path, text)).map((fault) => `${name}: ${fault}`);
  });
  expect((await Promise.all(faults)).flat()).toEqual([]);
});

/** What promtool says of metrics that are Council's own; Node's come from the client library. */
async function lint(promtool: string, text: string): Promise<string[]> {
  const checking = run(promtool, ["check", "metrics"]);
  checking.child.stdin?.end(text);
  const { stdout, stderr } = await checking.catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return `${stdout}${stderr}`
    .split("\n")
    .filter((line) => line !== "" && !/^(nodejs|process)_/.test(line));
}

test("every command of a runbook works as written", async () => {
  // Something that can be redriven.
  const id = "nonsense";
  const message = { v: 1 as const, id, type: "compare", subject: "p00-aaaaaaaaaaaa", body: {} };
  const envelope = { ...message, correlationId: id, at: Date.now() };
  await world.bus.send(0, envelope, inboxes.diffEngine, id);
  const letters = () => world.bus.deadLetters(inboxes.diffEngine);
  await expect.poll(async () => (await letters()).length, { timeout: 20_000 }).toBe(1);
  const [letter] = await letters();
  const patch = await submitTask("kept", "good");
  const folder = join(root, "docs/runbooks");
  const names = (await readdir(folder)).toSorted();
  const blocks = await Promise.all(
    names.map(async (name) => blocksOf(name, await readFile(join(folder, name), "utf8"))),
  );
  const [words, ...commands] = ["README.md", ...names.filter((name) => name !== "README.md")].map(
    (name) => blocks[names.indexOf(name)] ?? "",
  );
  expect(commands.filter((text) => text !== "").length).toBeGreaterThan(8);
  // curl says with its exit code that Council refused.
  writeFileSync(join(dir, ".curlrc"), "fail-with-body\n");
  const script = [words, ...commands]
    .join("\n")
    .replace("http://127.0.0.1:8080", world.stack.url)
    .replaceAll("<id>", patch)
    .replace(/"id": "\d+:[\d-]+"/, `"id": "${letter?.id}"`);
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script], {
    env: {
      PATH: process.env["PATH"],
      HOME: dir,
      USER: "operator",
      COUNCIL_OPERATOR_TOKEN: world.stack.secrets.operatorToken,
    },
  });
  expect(stdout).toContain(patch);
}, 90_000);

/** The shell commands of a page, in their order. */
function blocksOf(name: string, text: string): string {
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)];
  return blocks.map(([, body]) => `# ${name}\n${body}`).join("\n");
}
