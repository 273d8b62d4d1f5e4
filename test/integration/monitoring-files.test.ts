/** The files operators load into Prometheus and Alertmanager, checked by the programs that read them. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureAmtool, ensurePromtool } from "@council/scripts/monitoring-tools.ts";
import type { Program } from "@council/scripts/private-tools.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

interface Alert {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface RulesFile {
  readonly groups: readonly { readonly rules: readonly (Alert | { readonly record: string })[] }[];
}
interface TestFile {
  readonly tests: readonly {
    readonly promql_expr_test: readonly {
      readonly exp_samples: readonly { readonly labels: string }[];
    }[];
  }[];
}

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "prometheus");
const run = promisify(execFile);
let promtool: Program;
let amtool: Program;
let alerts: Alert[];

const say = () => {};
const namesIn = async (place: string) =>
  (await readdir(join(folder, place))).map((name) => join(place, name));
const read = async <T>(name: string) =>
  parse(await readFile(join(folder, name), "utf8")) as unknown as T;
const check = async ({ path, env }: Program, ...words: string[]) =>
  (await run(path, words, { cwd: folder, env: { ...process.env, ...env } })).stdout;

beforeAll(async () => {
  const found = await Promise.all([ensurePromtool({ say }), ensureAmtool({ say })]);
  for (const tool of found) if (tool.kind !== "binary") throw new Error(tool.reason);
  [promtool, amtool] = found as [Program, Program];
  const files = await Promise.all((await namesIn("rules")).map((name) => read<RulesFile>(name)));
  alerts = files
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
    .filter((rule) => "alert" in rule);
});

test("promtool accepts the configuration and every rule", async () => {
  const said = await check(promtool, "check", "config", "prometheus.yml");
  expect(said).toContain("2 rule files found");
  expect(said.match(/SUCCESS: \d+ rules found/g)).toHaveLength(2);
});

test(
  "every rule fires when it should and is silent when it should",
  { timeout: 120_000 },
  async () => {
    const tests = await namesIn("tests");
    expect(await check(promtool, "test", "rules", ...tests)).not.toContain("FAILED");
    const files = await Promise.all(tests.map((name) => read<TestFile>(name)));
    const expected = files
      .flatMap((file) => file.tests.flatMap((each) => each.promql_expr_test))
      .flatMap(({ exp_samples: samples }) => samples)
      .map(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1]);
    // Each alert is seen to fire by at least one of these tests.
    expect(new Set(expected)).toEqual(new Set(alerts.map(({ alert }) => alert)));
  },
);

test("every alert links to its runbook, and every runbook is in the list", async () => {
  const list = await readFile(join(root, "docs/runbooks/README.md"), "utf8");
  const linked = alerts.map(({ annotations }) => annotations["runbook"] ?? "");
  expect(linked.filter((page) => !/^docs\/runbooks\/[a-z-]+\.md$/.test(page))).toEqual([]);
  for (const page of linked) expect(await readFile(join(root, page), "utf8")).toMatch(/^# .+\n\n/);
  const pages = await readdir(join(root, "docs/runbooks"));
  const unlisted = pages.filter((name) => name !== "README.md" && !list.includes(`](${name})`));
  expect(unlisted).toEqual([]);
});

describe("Alertmanager", () => {
  const config = "--config.file=alertmanager.yml";
  const receiverOf = async (labels: Readonly<Record<string, string>>) => {
    const words = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
    return (await check(amtool, "config", "routes", "test", config, ...words)).trim();
  };

  test("amtool accepts the configuration", async () => {
    expect(await check(amtool, "check-config", "alertmanager.yml")).toContain("SUCCESS");
  });

  test("each alert reaches who has to hear of it, by its severity", async () => {
    const receivers: Record<string, string> = { critical: "pager", warning: "chat", info: "news" };
    for (const { alert, labels } of alerts)
      expect([alert, await receiverOf({ alertname: alert, ...labels })]).toEqual([
        alert,
        receivers[labels["severity"] ?? ""],
      ]);
    expect(await receiverOf({ alertname: "SomebodyElses" })).toBe("chat");
  });

  test("a rollback waits for nothing before it pages", async () => {
    const { route } = await read<{
      route: { routes: { matchers: string[]; group_wait?: string }[] };
    }>("alertmanager.yml");
    const [first] = route.routes;
    expect(first?.matchers.join()).toContain("CouncilRollback.*|CouncilRevertBlocked");
    expect(first?.group_wait).toBe("0s");
  });
});
