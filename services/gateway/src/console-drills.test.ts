/** Drills as operators ask for them on the page. */
import { type DrillReport } from "@council/contracts";
import { defaultRules } from "@council/domain";
import { digestOf, genesisDigest } from "@council/evidence";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { showConsole, startBrowser } from "./testing/show-console.ts";

const limitMs = 60_000;
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
}, 180_000);

afterAll(async () => {
  await browser.close();
});

const report: DrillReport = {
  v: 1,
  startedAt: Date.now() - 90_000,
  endedAt: Date.now() - 1000,
  seed: 1,
  rulesDigest: digestOf(defaultRules),
  faults: ["placebo", "latency-2"],
  isComprehensive: false,
  versions: {},
  target: { title: "t", base: "b", tree: "t" },
  preflight: [],
  runs: [],
  summary: {
    deviated: 0,
    harmless: { runs: 1, takenBack: 0, upperBoundRatio: 0.95 },
    detectionMs: { count: 1, p50: 900, p95: 900, max: 900 },
    revertMs: { count: 1, p50: 1300, p95: 1300, max: 1300 },
  },
  outcome: "passed",
  prev: genesisDigest,
  digest: "a".repeat(64),
};

test(
  "a drill is asked for by keyboard, and stands in line with who asked and why",
  async () => {
    const drills = { kind: "intact", reports: [report] } as const;
    await using shown = await showConsole(browser, { hash: "#/drills", drills });
    const { page, gateway } = shown;
    await page.getByRole("heading", { level: 1, name: "Drills" }).waitFor();
    await page.getByText("Nobody carries drills out").waitFor();
    await page.getByRole("region", { name: "Reports" }).getByText("900 ms / 900 ms").waitFor();
    await page.keyboard.press("d");
    await page.keyboard.type("ada");
    await page.keyboard.press("Tab");
    await page.keyboard.type("before the release");
    await page.keyboard.press("Tab");
    await page.keyboard.type(gateway.operatorToken);
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    const waiting = page.getByRole("list", { name: "Drills that wait" });
    await waiting.getByText("asked for by ada: before the release").waitFor();
    const reply = await gateway.operate("GET", "/v1/drills");
    expect(reply.json<{ line: object }>().line).toMatchObject({
      waiting: [{ order: { actor: "ada", reason: "before the release", scope: "short" } }],
    });
    expect(shown.complaints).toEqual([]);
  },
  limitMs,
);
