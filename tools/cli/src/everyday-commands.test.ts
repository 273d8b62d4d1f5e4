/** The commands as an operator runs them: processes of their own against a whole gateway. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inboxes } from "@council/contracts";
import { recordEvents, type TestGateway, testGateway } from "@council/gateway/test-gateway";
import { revertedHistory, testPatch } from "@council/gateway/test-patch";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runCouncil } from "./testing/run-council.ts";

vi.setConfig({ testTimeout: 60_000 });

const reverted = "p01-aaaaaaaa0001";
let [gateway, url, dir, checkout]: [TestGateway, string, string, string] = [] as never;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "council-cli-"));
  checkout = join(dir, "shop");
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", checkout, "-c", "user.name=Ada", "-c", "user.email=a@x", ...words]);
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", checkout]);
  git("config", "user.name", "Ada");
  for (const [text, title] of [
    ["one\n", "first"],
    ["two\n", "count to two"],
  ] as const) {
    writeFileSync(join(checkout, "a.txt"), text);
    git("add", "--all");
    git("commit", "--quiet", "--message", title);
  }
  const mirrorsFolder = join(dir, "mirrors");
  gateway = await testGateway({ repositories: [{ id: "shop", remote: checkout }], mirrorsFolder });
  await gateway.app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(gateway.app.server.address() as AddressInfo).port}`;
  const patch = testPatch(reverted, Date.now() - 90_000, {
    repository: "shop",
    title: "odd\u001b[2Jone",
  });
  await recordEvents(gateway.bus, reverted, 1, revertedHistory(patch));
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const council = (
  words: readonly string[],
  more: { stdin?: string; env?: object; cwd?: string } = {},
) =>
  runCouncil(words, {
    cwd: checkout,
    ...more,
    env: {
      COUNCIL_URL: url,
      COUNCIL_OPERATOR_TOKEN: gateway.operatorToken,
      COUNCIL_WEBHOOK_SECRETS: `demo=${gateway.secrets.demo}`,
      ...more.env,
    },
  });

const sent = () => gateway.messages(inboxes.patchController);

describe("council submit", () => {
  test("submits a range of commits, signed, and prints the id", async () => {
    const { code, out, err } = await council(["submit", "--range", "HEAD~1", "--declare", "*.txt"]);
    expect([code, err]).toEqual([0, ""]);
    const id = out.trim();
    const [message] = await sent();
    const base = execFileSync("git", ["-C", checkout, "rev-parse", "HEAD~1"], { encoding: "utf8" });
    expect(message).toMatchObject({
      subject: id,
      body: {
        patch: {
          base: base.trim(),
          title: "count to two",
          author: "Ada",
          sender: "demo",
          repository: "shop",
          sheet: { paths: ["*.txt"] },
        },
      },
    });
  });

  test("takes a diff from standard input and a task from a file; one delivery is one patch (P1)", async () => {
    const diff = execFileSync("git", ["-C", checkout, "diff", "HEAD~1"], { encoding: "utf8" });
    const words = ["submit", "-", "--base", "HEAD~1", "--delivery", "d-1", "--json"];
    const first = await council(words, { stdin: diff });
    const again = await council(words, { stdin: diff });
    const [one, other] = [first, again].map(({ out }) => JSON.parse(out) as { id: string });
    expect(other).toEqual({ ...one, duplicate: true });
    const task = join(dir, "task.md");
    writeFileSync(task, "# Count further\n\nUp to three.\n");
    expect((await council(["submit", "--task", task, "--author", "Bo"])).code).toBe(0);
    const messages = await sent();
    expect(messages.map(({ body }) => body)).toMatchObject([
      { patch: { id: one!.id } },
      { patch: { author: "Bo", task: { title: "Count further", instructions: "Up to three." } } },
    ]);
  });

  test("the secret comes from a file as well, and a wrong one is refused without being shown", async () => {
    const [file, wrong] = [join(dir, "secret"), join(dir, "wrong")];
    writeFileSync(file, `${gateway.secrets.other}\n`);
    writeFileSync(wrong, `whsec_${Buffer.alloc(32, 7).toString("base64")}\n`);
    const words = ["submit", "--range", "HEAD~1", "--sender", "other", "--secret-file"];
    expect((await council([...words, file], { env: { COUNCIL_WEBHOOK_SECRETS: "" } })).code).toBe(
      0,
    );
    const refused = await council([...words, wrong]);
    expect([refused.code, refused.out]).toEqual([4, ""]);
    expect(refused.err).toContain("sign the exact bytes");
    expect(refused.err).not.toContain("whsec_");
    await sent();
  });

  test.each([
    [["submit"], 2, "give one of"],
    [["submit", "--range", "HEAD~1", "x.diff"], 2, "give one of"],
    [["submit", "--range", "nowhere..HEAD"], 2, "git rev-parse"],
    [["submit", "nowhere.diff"], 2, "cannot be read"],
    [["submit", "--range", "HEAD~1", "--sender", "eve"], 4, "no secret of eve"],
    [["submit", "--range", "HEAD~1", "--repository", "attic"], 1, "no repository of this id"],
    [["submit", "--range", "HEAD..HEAD"], 2, "no difference"],
  ])("%j is refused with %d and a remedy", async (words, exit, remedy) => {
    const { code, out, err } = await council(words);
    expect([code, out]).toEqual([exit, ""]);
    expect(err).toContain(remedy);
  });
});

describe("what stands where", () => {
  test("status lists the patches, in 80 columns and without anything that steers a terminal", async () => {
    const { code, out } = await council(["status"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^PATCH +STATE +AGE +REPOSITORY +TITLE$/m);
    expect(out).toContain(`${reverted}  reverted  1 min  shop        odd [2Jone`);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(out.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    const one = await council(["status", reverted, "--json"]);
    expect(JSON.parse(one.out)).toMatchObject({ id: reverted, kind: "reverted" });
    const none = await council(["status", "--state", "held"]);
    expect(none.out).toBe("no patches\n");
  });

  test("colour comes with FORCE_COLOR, not into a pipe, and NO_COLOR wins", async () => {
    const forced = await council(["status"], { env: { FORCE_COLOR: "1" } });
    expect(forced.out).toContain("\u001b[");
    expect((await council(["status"], { env: { NO_COLOR: "1" } })).out).not.toContain("\u001b[");
  });

  test("show tells dissent first, why it was taken back, and what happened", async () => {
    const { code, out } = await council(["show", reverted]);
    expect(code).toBe(0);
    const order = [
      "reject   contract",
      "approve  rules",
      "landed on council/canary",
      "reverted and verified",
    ];
    const places = order.map((text) => out.indexOf(text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(out).toContain("p95 latency 41 ms is over the limit of 25 ms");
    const whole = JSON.parse((await council(["show", reverted, "--json"])).out) as object;
    expect(whole).toMatchObject({ id: reverted, why: { kind: "reverted" } });
  });

  test("watch ends when the patch is at rest; the exit code tells", async () => {
    const settled = "p02-aaaaaaaa0002";
    const history = revertedHistory(testPatch(settled, Date.now(), { repository: "shop" }));
    await recordEvents(gateway.bus, settled, 2, history.slice(0, -2));
    const watching = council(["watch", settled]);
    const held = council(["watch", settled, "--timeout", "0"]);
    expect(await held).toMatchObject({ code: 6 });
    await recordEvents(gateway.bus, settled, 2, [{ type: "Settled" }]);
    const { code, out } = await watching;
    expect(code).toBe(0);
    expect(out).toContain("settled: it stays");
    const over = await council(["watch", reverted, "--json"]);
    expect(over.code).toBe(1);
    const lines = over.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines.at(-1)).toMatchObject({ patch: { kind: "reverted" } });
    expect(lines).toHaveLength(revertedHistory(testPatch(reverted, 0)).length + 1);
  });
});

describe("who acts", () => {
  test.each(["approve", "rollback", "withdraw"])(
    "%s reaches the patch controller with who and why",
    async (verb) => {
      const { code, out } = await council([verb, reverted, "because", "--actor", "ada"]);
      expect([code, out]).toEqual([0, expect.stringContaining(`council watch ${reverted}`)]);
      const [message] = await sent();
      const type = verb === "rollback" ? "request-rollback" : verb;
      expect(message).toMatchObject({
        subject: reverted,
        body: { type, actor: "ada", reason: "because" },
      });
    },
  );

  test("rollback --plan shows what would have to go, and asks for nothing", async () => {
    const { code, out } = await council(["rollback", reverted, "--plan"]);
    expect([code, out]).toEqual([0, expect.stringContaining(`canary: ${reverted} is not on it`)]);
    expect(await sent()).toEqual([]);
  });

  test("hold stops one patch, and says how it lands again", async () => {
    const moving = "p03-aaaaaaaa0003";
    const patch = testPatch(moving, Date.now(), { repository: "shop" });
    await recordEvents(gateway.bus, moving, 3, revertedHistory(patch).slice(0, -2));
    const { code, out } = await council(["hold", moving, "not yet", "--actor", "ada"]);
    expect([code, out]).toEqual([0, expect.stringContaining(`council lift patch ${moving}`)]);
    const [message] = await sent();
    const scope = { kind: "patch", name: moving };
    expect(message?.body).toEqual({ type: "stop", scope, actor: "ada", reason: "not yet" });
    const late = await council(["hold", reverted, "too late"]);
    expect([late.code, late.err]).toEqual([1, expect.stringContaining("roll it back")]);
  });

  test("rollback --with-dependents says which patches go, in their order", async () => {
    const words = ["rollback", reverted, "because", "--with-dependents", "--json"];
    const { code, out } = await council(words);
    expect([code, JSON.parse(out)]).toMatchObject([0, { patches: [reverted] }]);
    expect(await sent()).toMatchObject([{ subject: reverted, body: { reason: "because" } }]);
  });

  test("a waiver reaches the switch, and a hard rule is told that it has none", async () => {
    const ends = ["--repository", "shop", "--until", new Date(Date.now() + 60_000).toISOString()];
    const { code, out } = await council(["waive", "child-process", "tools/**", "ours", ...ends]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^w-\w+: child-process holds nothing/)]);
    expect(await sent()).toMatchObject([{ body: { type: "waive", ruleId: "child-process" } }]);
    const hard = await council(["waive", "secret", "**", "ours", ...ends]);
    expect([hard.code, hard.err]).toEqual([1, expect.stringContaining("rule")]);
    expect((await council(["end-waiver", "w-nobody", "over"])).code).toBe(5);
  });

  test("pause and resume reach the switch", async () => {
    expect((await council(["pause", "moving"])).code).toBe(0);
    expect((await council(["resume", "moved"])).code).toBe(0);
    expect((await sent()).map(({ body }) => body)).toMatchObject([
      { type: "pause", reason: "moving" },
      { type: "resume", reason: "moved" },
    ]);
  });

  test.each([
    [["approve", "p01-nobody000000", "why"], 5, "no patch has this id"],
    [["approve", reverted], 2, "missing required argument 'reason'"],
    [["rollback", reverted], 2, "missing required argument 'reason'"],
    [["rollback", reverted, "why", "--url", "http://127.0.0.1:1"], 3, "start the gateway"],
    [["statsu"], 2, "Did you mean status?"],
  ])("%j ends with %d", async (words, exit, remedy) => {
    const { code, out, err } = await council(words);
    expect([code, out]).toEqual([exit, ""]);
    expect(err).toContain(remedy);
  });

  test("a wrong token is exit code 4; the token is read from the .env of the folder, too", async () => {
    const wrong = await council(["status"], {
      env: { COUNCIL_OPERATOR_TOKEN: "q".repeat(9) + "wertzuiopasd" },
    });
    expect([wrong.code, wrong.out]).toEqual([4, ""]);
    const file = join(dir, ".env");
    writeFileSync(file, `COUNCIL_OPERATOR_TOKEN=${gateway.operatorToken}\nCOUNCIL_URL=${url}\n`);
    chmodSync(file, 0o600);
    const env = { COUNCIL_OPERATOR_TOKEN: "", COUNCIL_URL: "" };
    expect((await council(["status"], { cwd: dir, env })).code).toBe(0);
  });
});

describe("council dlq", () => {
  test("lists, shows and redrives what failed too often", async () => {
    await council(["approve", reverted, "try"]);
    const buried = Promise.withResolvers<void>();
    const consumer = gateway.bus.consume({
      inbox: inboxes.patchController,
      maxDeliveries: 1,
      handler: () => Promise.reject(new Error("poison\u001b[2J")),
      onOutcome: ({ kind }) => kind === "dead-lettered" && buried.resolve(),
    });
    await buried.promise;
    await consumer.stop();
    const listed = await council(["dlq", "list"]);
    expect(listed.out).toMatch(/patch-controller .* 1 .*poison \[2J/);
    expect((await council(["status"])).out).toContain("1 dead letters");
    const id = listed.out.split("\n")[1]!.split(" ")[0]!;
    expect((await council(["dlq", "show", id])).out).toContain('"reason": "try"');
    expect((await council(["dlq", "redrive"])).code).toBe(2);
    expect((await council(["dlq", "redrive", "--all", "--inbox", "git"])).out).toContain(
      "0 given back",
    );
    expect((await council(["dlq", "redrive", id])).out).toContain("1 given back");
    expect((await council(["dlq", "redrive", id])).code).toBe(5);
    expect((await council(["dlq", "list", "--json"])).out.trim()).toBe("[]");
    expect(await sent()).toHaveLength(1);
  });
});
