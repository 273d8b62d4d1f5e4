/** The console as operators have it: in a browser, served by the gateway, fed by the ledger. */
import { createHash } from "node:crypto";
import { recordSubject } from "@council/contracts";
import type { PatchEvent } from "@council/domain";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showConsole, startBrowser } from "./testing/show-console.ts";
import {
  recordAll,
  recordEvents,
  samplePatch,
  storeState,
  type TestGateway,
} from "./test-gateway.ts";
import { revertedHistory, testPatch } from "./test-patch.ts";

const limitMs = 60_000;
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
}, 180_000);

afterAll(async () => {
  await browser.close();
});

const idOf = (number: number) => `p01-patch${String(number).padStart(6, "0")}`;
const rowOf = (page: Page, id: string) => page.locator(`a.row[data-patch="${id}"]`);
const historyOf = (number: number, more: object = {}) =>
  revertedHistory(testPatch(idOf(number), 1000 + number, more));

/** A patch in watch, and ones that ended in the other ways a board shows. */
async function someHistory({ bus }: TestGateway): Promise<void> {
  const [watched, reverted, held, rejected] = [
    historyOf(1),
    historyOf(2),
    historyOf(3),
    historyOf(4),
  ];
  const hold: PatchEvent = {
    type: "Held",
    reason: { kind: "autonomy", detail: "a person has to approve a data change" },
  };
  await recordEvents(bus, idOf(1), 1, watched.slice(0, -2));
  await recordEvents(bus, idOf(2), 1, reverted);
  await recordEvents(bus, idOf(3), 1, [...held.slice(0, 8), hold]);
  await recordEvents(bus, idOf(4), 1, [
    ...rejected.slice(0, 7),
    { type: "Rejected", reason: "a hard rule was broken" },
  ]);
  const said = { actor: "council", reason: "3 reverts within 24 hours", since: Date.now() };
  const record = {
    landings: [{ patchId: idOf(2), author: "demo", at: Date.now() }],
    reverts: [{ patchId: idOf(2), author: "demo", at: Date.now(), isAutomatic: true }],
    refused: [{ patchId: idOf(2), semanticDigest: "5".repeat(64), reason: "slow", at: Date.now() }],
    stops: [{ scope: { kind: "builder", name: "b" }, ...said }],
  };
  const chained = { sequence: 1, chainHead: "" };
  const partition = bus.partitionOf("sample");
  await storeState(bus, partition, recordSubject("sample"), { state: record, ...chained });
}

describe("the board", { timeout: limitMs }, () => {
  test("shows an event as it comes, without reloading", async () => {
    await using shown = await showConsole(browser, { prepare: someHistory });
    const { page, gateway } = shown;
    await rowOf(page, idOf(1)).waitFor();
    await page.evaluate(() => Object.assign(globalThis, { isStillThere: true }));
    await recordEvents(gateway.bus, idOf(10), 1, historyOf(10).slice(0, 1));
    await rowOf(page, idOf(10)).waitFor();
    expect(await page.evaluate(() => "isStillThere" in globalThis)).toBe(true);
    expect(shown.complaints).toEqual([]);
  });

  test("takes up the feed where it was cut off, and misses nothing", async () => {
    await using shown = await showConsole(browser, { prepare: someHistory });
    const { page, gateway, context } = shown;
    const row = rowOf(page, idOf(1));
    await page.locator('.link-state[data-state="live"]').waitFor();
    await context.setOffline(true);
    gateway.app.server.closeAllConnections();
    await page.locator('.link-state[data-state="lost"]').waitFor();
    const rest = historyOf(1).slice(-2);
    await recordEvents(gateway.bus, idOf(1), 1, rest.slice(0, 1));
    const asked = page.waitForRequest(
      (request) => request.url().endsWith("/v1/events") && "last-event-id" in request.headers(),
    );
    await context.setOffline(false);
    await asked;
    await expect.poll(() => row.getAttribute("data-kind")).toBe("reverting");
    await recordEvents(gateway.bus, idOf(1), 1, rest.slice(1));
    await expect.poll(() => row.getAttribute("data-kind")).toBe("reverted");
  });

  test("scrolls through ten thousand patches, drawing those that are seen", async () => {
    await using shown = await showConsole(browser, {
      prepare: ({ bus }) =>
        recordAll(
          bus,
          Array.from({ length: 10_000 }, (_, number) => ({
            patchId: idOf(number),
            partition: 1,
            events: historyOf(number).slice(0, 1),
          })),
        ),
    });
    const { page } = shown;
    await rowOf(page, idOf(9999)).waitFor();
    const last = rowOf(page, idOf(0));
    await expect
      .poll(
        async () => {
          await page.evaluate("scrollTo(0, document.body.scrollHeight)");
          return last.count();
        },
        { timeout: limitMs, interval: 20 },
      )
      .toBe(1);
    expect(await page.locator("a.row").count()).toBeLessThan(60);
  });

  test("is found through by typing", async () => {
    await using shown = await showConsole(browser, { prepare: someHistory });
    await rowOf(shown.page, idOf(1)).waitFor();
    await shown.page.keyboard.press("/");
    await shown.page.keyboard.type("hard rule");
    await expect.poll(() => shown.page.locator("a.row").count()).toBe(1);
    expect(await rowOf(shown.page, idOf(4)).count()).toBe(1);
  });
});

describe("a patch", { timeout: limitMs }, () => {
  test("is opened and rolled back by keyboard alone, and the end is seen as it comes", async () => {
    await using shown = await showConsole(browser, { prepare: someHistory });
    const { page, gateway } = shown;
    await page.locator("a.filters, .filters a").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(idOf(1));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: `patch ${idOf(1)}` }).waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("ada");
    await page.keyboard.press("Tab");
    await page.keyboard.type("slower than it was");
    await page.keyboard.press("Tab");
    await page.keyboard.type(gateway.operatorToken);
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    const [message] = await gateway.messages("patch-controller");
    expect(message?.body).toEqual({
      type: "request-rollback",
      actor: "ada",
      reason: "slower than it was",
    });
    const [, done] = historyOf(1).slice(-2);
    const cause = { kind: "request", actor: "ada", reason: "slower than it was" } as const;
    await recordEvents(gateway.bus, idOf(1), 1, [
      { type: "RevertStarted", cause, effectId: "r", at: 3 },
      done!,
    ]);
    await page.locator('.patch[data-kind="reverted"]').waitFor();
    expect(await page.locator(".why-sentence").textContent()).toBe("ada asked: slower than it was");
    const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
    expect(kept).toEqual([1, 2]);
    expect(shown.complaints).toEqual([]);
  });

  test("a wrong token is refused, and the question stays open", async () => {
    await using shown = await showConsole(browser, {
      prepare: someHistory,
      hash: `#/patches/${idOf(1)}`,
    });
    const { page } = shown;
    await page.getByRole("button", { name: "Roll back" }).click();
    await page.getByLabel("Who you are").fill("eve");
    await page.getByLabel("Why").fill("because");
    await page.getByLabel("Operator token").fill("not the token");
    await page.locator("dialog").getByRole("button", { name: "Roll back" }).click();
    await expect
      .poll(() => page.locator("dialog .fault").textContent())
      .toBe("The gateway does not accept this token.");
    expect(await shown.gateway.messages("patch-controller")).toEqual([]);
  });

  test("shows dissent first, the change side by side, and hostile text as text", async () => {
    const hostile = '<img src=x onerror="globalThis.hacked=1">';
    const diff = `diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1 @@\n-if (a <= b) ${hostile}\n+if (a < b) ${hostile}\n`;
    let id = "";
    await using shown = await showConsole(browser, {
      prepare: async (gateway) => {
        const reply = await gateway.submit({ ...samplePatch, title: hostile, diff });
        id = reply.json<{ id: string }>().id;
        const partition = Number(id.slice(1, 3));
        const digest = createHash("sha256").update(diff).digest("hex");
        const patch = testPatch(id, 5, { title: hostile, author: hostile, diff: digest });
        const events = revertedHistory(patch).map((event): PatchEvent => {
          if (event.type !== "ComparisonRecorded" || event.comparison.kind !== "compared")
            return event;
          const candidate = { ...event.comparison.candidate, diff: digest };
          return { ...event, comparison: { ...event.comparison, candidate } };
        });
        await recordEvents(gateway.bus, id, partition, events);
      },
    });
    const { page } = shown;
    await rowOf(page, id).click();
    await page.getByRole("heading", { level: 1, name: hostile }).waitFor();
    await page.locator("tr[data-mark=changed]").waitFor();
    expect(await page.locator("tr[data-mark=changed] td.side").allTextContents()).toEqual([
      `−if (a <= b) ${hostile}`,
      `+if (a < b) ${hostile}`,
    ]);
    expect(await page.locator("tr[data-mark=changed] mark").allTextContents()).toEqual(["="]);
    expect(await page.locator(".votes .chip").allTextContents()).toEqual([
      "✕Rejects",
      "✓Approves",
      "✓Approves",
    ]);
    expect(await page.evaluate(() => "hacked" in globalThis)).toBe(false);
    expect(await page.locator("#root img").count()).toBe(0);
    expect(shown.complaints).toEqual([]);
  });
});

const places = ["board", "rollbacks", "stops", "spend", "heads", "drills", "queue", "settings"];

describe.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
  ["dark", 390],
] as const)("in %s at %i px", { timeout: limitMs }, (colorScheme, width) => {
  test("nothing is wider than the window, and axe finds nothing serious", async () => {
    await using shown = await showConsole(browser, { colorScheme, width, prepare: someHistory });
    const { page, gateway } = shown;
    await page.evaluate(
      (token) => sessionStorage.setItem("council-token", token),
      gateway.operatorToken,
    );
    for (const hash of [
      ...places.map((place) => `#/${place}`),
      `#/patches/${idOf(2)}`,
      `#/patches/${idOf(3)}`,
    ]) {
      await page.goto(`${shown.url}${hash}`);
      await page.locator("h1").waitFor();
      await page.waitForLoadState("load");
      await expect.poll(() => page.getByText(/^Reading.*…$/).count()).toBe(0);
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      expect([hash, Math.max(0, wide)]).toEqual([hash, 0]);
      expect([hash, await seriousFaults(page)]).toEqual([hash, []]);
    }
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keys" }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(shown.complaints).toEqual([]);
  });
});

async function seriousFaults(page: Page): Promise<string[]> {
  // Through the debugger, which the page's security policy does not bind.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    interface Found {
      readonly violations: { id: string; impact: string; nodes: { html: string }[] }[];
    }
    const { axe: own } = globalThis as unknown as { axe: { run: () => Promise<Found> } };
    const { violations } = await own.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  });
}

test(
  "the first paint with content comes within a second",
  async () => {
    const paints: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await using shown = await showConsole(browser, { prepare: someHistory });
      // A row may be there before the frame that paints it.
      const painted = await shown.page.waitForFunction(
        () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
      );
      paints.push((await painted.jsonValue()) ?? Infinity);
      await rowOf(shown.page, idOf(1)).waitFor();
    }
    expect(Math.min(...paints)).toBeLessThan(1000);
  },
  limitMs,
);
