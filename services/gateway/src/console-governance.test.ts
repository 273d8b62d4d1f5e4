/** What people decide on the page: approvals step by step, reverts that need a person, stops. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPartition, controlSubject, recordSubject } from "@council/contracts";
import type { PatchEvent } from "@council/domain";
import { testRemote } from "@council/git/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showConsole, startBrowser } from "./testing/show-console.ts";
import { as, recordEvents, storeState, type TestGateway } from "./test-gateway.ts";
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

const chained = { sequence: 1, chainHead: "0".repeat(64) };
const tokenOf = (name: "ada" | "root") => as(name).authorization.replace("Bearer ", "");

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
    await page.keyboard.press("R");
    await page.getByLabel("Who you are").fill("ada");
    await page.getByLabel("Why").fill("orders are lost");
    await page.getByLabel("Operator token").fill(shown.gateway.operatorToken);
    await page.keyboard.press("Enter");
    await page.locator("dialog").waitFor({ state: "detached" });
    const [message] = await shown.gateway.messages("patch-controller");
    expect(message).toMatchObject({
      subject: later,
      body: { type: "request-rollback", joint: { target: id, rest: [id] } },
    });
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

describe("the stops", { timeout: limitMs }, () => {
  test("P4: are set and lifted by keyboard, beside freezes, quotas and refused changes", async () => {
    const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const zone = { timeZone: "UTC", reason: "the move" };
    const freezes = [{ kind: "weekly", days: everyDay, from: "00:00", to: "24:00", ...zone }];
    const change = { patchId: id, semanticDigest: "5".repeat(64), reason: "slow", at: Date.now() };
    const quarantine = { actor: "council", reason: "3 reverts within 24 hours", since: Date.now() };
    const landings = [1, 2, 3].map((number) => ({
      patchId: `p01-${number}`,
      author: "demo",
      at: Date.now() - number * 1000,
    }));
    await using shown = await showConsole(browser, {
      repositories: [{ id: "sample", remote: "/nowhere", policy: { freezes } }],
      prepare: async ({ bus }) => {
        await recordEvents(bus, id, 1, revertedHistory(testPatch(id, 1)));
        await storeState(bus, bus.partitionOf("sample"), recordSubject("sample"), {
          state: {
            landings,
            reverts: [],
            refused: [change],
            stops: [{ scope: { kind: "builder", name: "b" }, ...quarantine }],
          },
          ...chained,
        });
      },
      hash: "#/stops",
    });
    const { page, gateway } = shown;
    await page.evaluate((token) => sessionStorage.setItem("council-token", token), tokenOf("root"));
    await page.reload();
    const standing = page.getByRole("list", { name: "What is stopped" });
    await standing.getByText("Quarantine, sample").waitFor();
    await page.getByText("the move · ends").waitFor();
    const row = page.getByRole("region", { name: "Quotas of sample" }).getByRole("row").nth(1);
    expect(await row.textContent()).toMatch(/^demo3 of 30 of 10 of 3(tomorrow|in 24 hr\.)$/);
    expect(await page.getByRole("link", { name: id }).getAttribute("href")).toBe(`#/patches/${id}`);
    const said = async (reason: string) => {
      await page.getByLabel("Why").fill(reason);
      await page.keyboard.press("Enter");
      await page.locator("dialog").waitFor({ state: "detached" });
      const [message] = await gateway.messages("patch-controller");
      return message?.body;
    };
    await page.keyboard.press("s");
    await page.keyboard.type("repository");
    await page.keyboard.press("Tab");
    await page.keyboard.type("nowhere");
    await page.getByLabel("Why").fill("it smells");
    await page.keyboard.press("Enter");
    await page.getByText("no repository is called so: use one of sample").waitFor();
    await page.getByLabel("Which one").fill("sample");
    const scope = { kind: "repository", name: "sample" };
    expect(await said("it smells")).toEqual({
      type: "stop",
      scope,
      actor: "root",
      reason: "it smells",
    });
    const stops = [{ scope, actor: "root", reason: "it smells", since: Date.now() }];
    const waiver = { id: "w-1", ruleId: "child-process", path: "tools/**", repository: "sample" };
    const waived = { ...waiver, actor: "root", reason: "read by hand", since: 1, until: 9e15 };
    const state = { stops, delegations: [], waivers: [waived] };
    await storeState(gateway.bus, controlPartition, controlSubject, { state, ...chained });
    await page
      .getByRole("button", { name: "Lift the stop of the repository sample" })
      .press("Enter");
    expect(await said("aired")).toMatchObject({ type: "lift", scope, reason: "aired" });
    await page.getByRole("button", { name: `Release the change of ${id}` }).press("Enter");
    expect(await said("it was the network")).toMatchObject({ type: "release-change", patchId: id });
    const whole = "End the waiver of child-process in tools/** of sample";
    await page.getByRole("button", { name: whole }).press("Enter");
    expect(await said("a library does it")).toMatchObject({ type: "end-waiver", id: "w-1" });
    await page.keyboard.press("v");
    await page.getByLabel("Rule", { exact: true }).fill("child-process");
    await page.getByLabel("In which paths").fill("tools/**");
    expect(await page.getByLabel("Of which repository").inputValue()).toBe("sample");
    await page
      .getByLabel("Until")
      .fill(new Date(Date.now() + 86_400_000).toISOString().slice(0, 16));
    const { ruleId, path, repository } = waiver;
    expect(await said("read again")).toMatchObject({ type: "waive", ruleId, path, repository });
    expect(shown.complaints).toEqual([]);
  });
});

const disposable = async <Remote extends { remove: () => Promise<void> }>(remote: Remote) =>
  Object.assign(remote, { [Symbol.asyncDispose]: () => remote.remove() });
