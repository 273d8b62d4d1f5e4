/** What people decide on the page: approvals step by step, reverts that need a person. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PatchEvent } from "@council/domain";
import { testRemote } from "@council/git/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showConsole, startBrowser } from "./testing/show-console.ts";
import { as, recordEvents, type TestGateway } from "./test-gateway.ts";
import { revertedHistory, testPatch } from "./test-patch.ts";

const limitMs = 60_000;
const id = "p01-patch000001";
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
}, 180_000);

afterAll(async () => {
  await browser.close();
});

const tokenOf = (name: "ada" | "bob") => as(name).authorization.replace("Bearer ", "");

/** A patch of Eve's that waits for two peers and then for Root. */
async function heldPatch({ bus }: TestGateway): Promise<void> {
  const patch = testPatch(id, Date.now(), { author: "eve" });
  const approvalSteps = [
    { name: "peer", count: 2 },
    { name: "security", count: 1, operators: ["root"] },
  ];
  const events = revertedHistory({ ...patch, policy: { ...patch.policy, approvalSteps } });
  const audited = events.slice(
    0,
    events.findIndex(({ type }) => type === "LaneRequested"),
  );
  const reason = { kind: "autonomy", detail: "a person has to approve a data change" } as const;
  await recordEvents(bus, id, 1, [...audited, { type: "Held", reason }]);
}

describe("an approval", { timeout: limitMs }, () => {
  test("is given step by step by keyboard, under the name of whoever's token it is", async () => {
    await using shown = await showConsole(browser, { prepare: heldPatch });
    const { page, gateway } = shown;
    await page.evaluate((token) => sessionStorage.setItem("council-token", token), tokenOf("ada"));
    await page.goto(`${shown.url}#/patches/${id}/approval`);
    await page.reload();
    const panel = page.getByRole("region", { name: "Approval" });
    const steps = panel.locator(".steps li");
    await steps.first().waitFor();
    expect(await steps.allTextContents()).toEqual([
      "●peer0 of 2 · 2 more of anybody with the role approver",
      "○security0 of 1 · 1 more of root, after the steps before",
    ]);
    expect(await panel.textContent()).toContain("without an answer it is rejected in 7 days");
    const say = async (key: string, reason: string) => {
      await page.keyboard.press(key);
      await page.locator(".act-as").waitFor();
      expect(await page.locator(".act-as").textContent()).toBe("As ada, approver");
      await page.keyboard.type(reason);
      await page.keyboard.press("Enter");
    };
    await say("a", "read it");
    await page.locator("dialog").waitFor({ state: "detached" });
    const [message] = await gateway.messages("patch-controller");
    const by = { name: "ada", roles: ["approver"] };
    expect(message?.body).toEqual({ type: "approve", actor: "ada", reason: "read it", by });
    const approved = { type: "Approved", actor: "ada", by: "ada", step: "peer", reason: "read it" };
    await recordEvents(gateway.bus, id, 1, [{ ...approved, at: Date.now() } as PatchEvent]);
    await panel.getByText("1 of 2 · 1 more of anybody").waitFor();
    expect(await panel.locator(".step-given").textContent()).toContain("ada: read it");
    await say("a", "and once more");
    await page.getByText("ada has approved already").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await say("d", "not before the migration");
    await page.locator("dialog").waitFor({ state: "detached" });
    const [denied] = await gateway.messages("patch-controller");
    expect(denied?.body).toMatchObject({ type: "deny", actor: "ada" });
    expect(shown.complaints).toEqual([]);
  });

  test("that cannot help is not asked for, and the page says what does", async () => {
    const stop = { scope: { kind: "author", name: "eve" }, actor: "otto", reason: "r", since: 1 };
    await using shown = await showConsole(browser, {
      prepare: async (gateway) => {
        await heldPatch(gateway);
        const reason = { kind: "stopped", stop } as const;
        await recordEvents(gateway.bus, id, 1, [{ type: "Held", reason } as PatchEvent]);
      },
      hash: `#/patches/${id}`,
    });
    const panel = shown.page.getByRole("region", { name: "Approval" });
    await panel.getByText("it is stopped; lift the stop instead").waitFor();
    expect(await panel.getByRole("button").allTextContents()).toEqual(["Deny d"]);
  });
});

test(
  "P4: a revert that is blocked shows what goes first, and both sides where it meets later work",
  { timeout: limitMs },
  async () => {
    await using remote = await disposable(await testRemote({ "src/a.js": "one\ntwo\nthree\n" }));
    const mirrorsFolder = await mkdtemp(join(tmpdir(), "council-page-"));
    const history = (patchId: string, commit: string, parent: string): PatchEvent[] => {
      const landing = { stage: "target", branch: "main", commit, tree: "b".repeat(40), parent };
      return revertedHistory(testPatch(patchId, 1)).flatMap((event): PatchEvent[] => {
        if (event.type === "Landed") return [{ ...event, landing }];
        return event.type === "Reverted" ? [] : [event];
      });
    };
    const later = "p01-patch000002";
    await using shown = await showConsole(browser, {
      repositories: [{ id: "sample", remote: remote.url }],
      mirrorsFolder,
      prepare: async ({ bus }) => {
        const before = (await remote.head()) ?? "";
        const commitOf = (patchId: string, text: string) =>
          remote.commit({ files: { "src/a.js": text }, message: `x\n\nCouncil-Patch: ${patchId}` });
        const first = await commitOf(id, "one\n2\nthree\n");
        const second = await commitOf(later, "one\n<zwei>\nthree\n");
        const hunks = [{ branch: "main", path: "src/a.js", ours: "<zwei>\n", before: "two\n" }];
        const reason = "src/a.js was changed since";
        const blocked: PatchEvent = { type: "RevertBlocked", reason, hunks, reverts: [] };
        await recordEvents(bus, id, 1, [...history(id, first, before), blocked]);
        await recordEvents(bus, later, 1, history(later, second, first).slice(0, -1));
      },
      hash: `#/patches/${id}/revert-plan`,
    });
    const { page } = shown;
    const plan = page.getByRole("region", { name: "How it can be taken back" });
    const sides = plan.getByRole("group", { name: "Both sides in src/a.js" });
    await plan.getByText("it goes only with others, in this order").waitFor();
    expect(await sides.locator("pre").allTextContents()).toEqual(["<zwei>\n", "two\n"]);
    expect(await plan.getByRole("link", { name: later }).getAttribute("href")).toBe(
      `#/patches/${later}`,
    );
    await page.setViewportSize({ width: 390, height: 500 });
    await page.goto(`${shown.url}#/patches/${id}/timeline`);
    const timeline = page.getByRole("heading", { name: "Timeline" });
    await expect.poll(async () => (await timeline.boundingBox())?.y).toBeLessThan(500);
    await remote.remove();
    await page.reload();
    await plan.getByText("This could not be read").waitFor();
    expect(await plan.getByRole("button", { name: "Try again" }).isVisible()).toBe(true);
    // What the controller ran into stands in the ledger, whatever becomes of the repository.
    expect(await sides.locator("pre").allTextContents()).toEqual(["<zwei>\n", "two\n"]);
    expect(shown.complaints).toEqual([]);
    await rm(mirrorsFolder, { recursive: true, force: true });
  },
);

const disposable = async <Remote extends { remove: () => Promise<void> }>(remote: Remote) =>
  Object.assign(remote, { [Symbol.asyncDispose]: () => remote.remove() });
