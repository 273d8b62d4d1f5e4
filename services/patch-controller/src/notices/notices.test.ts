import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { memoryBus } from "@council/bus";
import { inboxes, type Notice } from "@council/contracts";
import { createLog, createMetrics, registerSecret, reportWork } from "@council/runtime";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { messageOf, now, partition, patchId } from "../example.ts";
import { describeNotice } from "./describe-notice.ts";
import { noticeChannels } from "./notice-channels.ts";
import { pagerEvent } from "./pager-event.ts";
import { noticeBackoffMs, noticeConsumers } from "./send-notice.ts";
import { slackMessage } from "./slack-message.ts";

const key = () => `whsec_${randomBytes(32).toString("base64")}`;
const links = { consoleUrl: "https://council.corp", runbooks: "https://wiki.corp/runbooks/" };
const brief = { id: patchId, repository: "shop", targetBranch: "main", title: "t", author: "a" };
const page = (level: Notice["level"], about: Notice["about"], why: string, title = "Add x") => ({
  patch: { ...brief, title },
  effect: { type: "page" as const, level, about, text: why },
});
const blocked = describeNotice(
  page("critical", "revert-blocked", "revert blocked: a merge"),
  {
    id: "m1.0",
    at: now,
  },
  links,
);
const unset = {
  slackUrl: undefined,
  slackLevels: ["warning", "critical"],
  noticeUrl: undefined,
  noticeSecret: undefined,
  noticeLevels: ["info", "warning", "critical"],
  pagerKey: undefined,
  pagerUrl: "https://pager.corp/v2/enqueue",
  pagerLevels: ["critical"],
  ...links,
} as const;
type Values = Parameters<typeof noticeChannels>[0];

interface Post {
  readonly path: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** A server that answers as told, one after the other, the last for ever; `undefined` is no answer. */
async function loopback(...answers: (number | undefined)[]) {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      posts.push({ path: request.url ?? "", body, headers: request.headers as Post["headers"] });
      const status = answers[Math.min(posts.length, answers.length) - 1];
      if (status === undefined) return;
      response
        .writeHead(status, status === 302 ? { location: "http://127.0.0.1:1/" } : {})
        .end("x");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close().closeAllConnections();
  };
  return { posts, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

/** Everything that tells people, on a bus in memory, with the lines of its log. */
function telling(values: Partial<Values>) {
  const bus = memoryBus();
  const metrics = createMetrics("t", { hasProcessMetrics: false });
  const lines: string[] = [];
  const log = createLog({ service: "t", destination: { write: (line) => void lines.push(line) } });
  const channels = noticeChannels({ ...unset, ...values }, 150);
  const onOutcome = reportWork({ log, metrics });
  const consumers = noticeConsumers({ log, metrics, channels, links }).map((consumer) =>
    bus.consume({ ...consumer, blockMs: 20, backoffMs: () => 5, onOutcome }),
  );
  const say = async (body: object, id: string) => {
    const message = messageOf({ type: "page" }, { id, body });
    await bus.send(partition, message, inboxes.notifier, id);
  };
  const close = async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await bus.close();
  };
  return { bus, metrics, lines, say, channels, [Symbol.asyncDispose]: close };
}

describe("notices", () => {
  test("are logged and counted, and each channel gets the levels it asked for", async () => {
    await using slack = await loopback(200);
    await using webhook = await loopback(204);
    await using pager = await loopback(202);
    await using told = telling({
      slackUrl: `${slack.url}/services/T/B/x`,
      noticeUrl: webhook.url,
      noticeSecret: key(),
      pagerKey: "r".repeat(32),
      pagerUrl: pager.url,
    });
    await told.say(page("info", "settled", "settled: Add x"), "m1.0");
    await told.say(page("warning", "held", "held: tier data"), "m2.0");
    await told.say(page("critical", "reverted", "reverted: canary: slow"), "m3.0");
    await told.bus.quiet();
    const counts = [slack, webhook, pager].map(({ posts }) => posts.length);
    expect(counts).toEqual([2, 3, 1]);
    expect(slack.posts[0]?.path).toBe("/services/T/B/x");
    const exposed = await told.metrics.expose();
    expect(exposed).toContain('council_notices_total{level="critical",service="t"} 1');
    expect(exposed).toContain(
      'council_notices_sent_total{channel="webhook",outcome="taken",service="t"} 3',
    );
    expect(told.lines.join("")).toContain("reverted: canary: slow");
  });

  test("say what happened, why, to which patch, and lead to it and to the runbook", async () => {
    expect(blocked).toMatchObject({
      text: "revert blocked: a merge",
      patch: { id: patchId, repository: "shop", title: "Add x" },
      links: {
        patch: `https://council.corp/#/patches/${patchId}`,
        runbook: "https://wiki.corp/runbooks/revert-blocked.md",
      },
    });
    for (const shape of [slackMessage(blocked), pagerEvent(blocked, "k")]) {
      const shown = JSON.stringify(shape);
      for (const part of [
        "revert blocked: a merge",
        patchId,
        "Add x",
        ...Object.values(blocked.links),
      ])
        expect(shown).toContain(part);
    }
  });

  test("what is no notice, or not one any more, is set aside", async () => {
    await using webhook = await loopback(200);
    await using told = telling({ noticeUrl: webhook.url, noticeSecret: key() });
    await told.say({ patch: brief, effect: { type: "land" } }, "m1");
    await expect.poll(async () => (await told.bus.deadLetters()).length).toBe(1);
    const odd = messageOf({ type: "notice" }, { body: { ...blocked, about: "weather" } });
    await told.bus.send(partition, odd, inboxes.notice("webhook"), "odd");
    await expect.poll(async () => (await told.bus.deadLetters()).length).toBe(2);
    expect(webhook.posts).toEqual([]);
  });
});

describe("a channel that fails", () => {
  test("is tried again after 500, 429 and silence, with the same id, and delays no other", async () => {
    await using webhook = await loopback(500, 429, undefined, 302, 204);
    await using pager = await loopback(202);
    await using told = telling({
      noticeUrl: webhook.url,
      noticeSecret: key(),
      pagerKey: "r".repeat(32),
      pagerUrl: pager.url,
    });
    await told.say(page("critical", "revert-blocked", "revert blocked: x"), "m1.0");
    await expect.poll(() => webhook.posts.length).toBe(5);
    await told.bus.quiet();
    expect(new Set(webhook.posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(pager.posts).toHaveLength(1);
    expect(await told.bus.deadLetters()).toEqual([]);
    expect(await told.metrics.expose()).toContain(
      'council_notices_sent_total{channel="webhook",outcome="failed",service="t"} 4',
    );
    for (const why of ["answers 500", "answers 429", "does not answer in 150 ms", "answers 302"])
      expect(told.lines.join("")).toContain(`webhook ${why}`);
  });

  test("ends in the dead letters, from where it can be sent again", async () => {
    await using slack = await loopback(...Array.from({ length: 13 }, () => 404), 200);
    await using told = telling({ slackUrl: slack.url });
    await told.say(page("warning", "held", "held: x"), "m1.0");
    await expect.poll(async () => (await told.bus.deadLetters()).length).toBe(1);
    const [letter] = await told.bus.deadLetters();
    expect(letter).toMatchObject({ inbox: "notice:slack", error: "slack answers 404" });
    await told.bus.redrive("notice:slack", letter?.id ?? "");
    await told.bus.quiet();
    expect(slack.posts).toHaveLength(14);
  });

  test("is tried for about 25 minutes, each time after a longer rest", () => {
    const rests = Array.from({ length: 12 }, (_, tries) => noticeBackoffMs(tries + 1));
    expect(rests).toEqual(rests.toSorted((left, right) => left - right));
    const total = rests.reduce((sum, rest) => sum + rest, 0);
    expect(total / 60_000).toBeGreaterThan(20);
    expect(total / 60_000).toBeLessThan(30);
  });

  test("shows its address and its keys in no line and no dead letter", async () => {
    const [pathKey, routing, secret] = [
      randomBytes(18).toString("hex"),
      randomBytes(16).toString("hex"),
      key(),
    ];
    await using server = await loopback(500);
    const away = `http://127.0.0.1:1/services/${pathKey}`;
    const values = {
      slackUrl: away,
      noticeUrl: `${server.url}/${pathKey}`,
      noticeSecret: secret,
      pagerKey: routing,
      pagerUrl: server.url,
      pagerLevels: ["critical"] as const,
    };
    for (const each of [away, secret, routing]) registerSecret(each);
    await using told = telling(values);
    await told.say(page("critical", "reverted", "reverted: x"), "m1.0");
    await expect.poll(async () => (await told.bus.deadLetters()).length).toBe(3);
    const shown = told.lines.join("") + JSON.stringify(await told.bus.deadLetters());
    expect(shown).toContain("slack cannot be reached");
    for (const each of [pathKey, routing, secret]) expect(shown).not.toContain(each);
  });
});

describe("the pager", () => {
  test("calls once for all about one rollback, and apart for a hold", () => {
    const keyOf = (about: Notice["about"]) =>
      (pagerEvent({ ...blocked, about }, "k") as { dedup_key: string }).dedup_key;
    expect(keyOf("reverted")).toBe(`council/${patchId}/rollback`);
    expect(new Set([keyOf("rollback-overdue"), keyOf("revert-blocked")])).toEqual(
      new Set([keyOf("reverted")]),
    );
    expect(keyOf("held")).not.toBe(keyOf("reverted"));
  });

  test("gets no summary it would refuse for its length", () => {
    const long = { ...blocked, text: "x".repeat(5000) };
    const { payload } = pagerEvent(long, "k") as { payload: { summary: string } };
    expect(payload.summary).toHaveLength(1024);
  });
});

test("a hostile title mentions nobody in Slack and makes no link", () => {
  const title = "<!channel> <https://evil.example|click>";
  const hostile = describeNotice(
    page("warning", "held", `held: ${title}`, title),
    { id: "m", at: now },
    links,
  );
  const { blocks, text: fallback } = slackMessage(hostile) as {
    text: string;
    blocks: { text?: { type: string; text: string } }[];
  };
  expect(fallback).not.toContain("<");
  const marked = blocks.filter((block) => block.text?.type === "mrkdwn");
  expect(marked).toHaveLength(1);
  expect(JSON.stringify(marked)).not.toContain("evil");
});

test.each([
  [{ slackUrl: "http://hooks.corp/services/x" }, "SLACK_WEBHOOK_URL"],
  [{ slackUrl: "https://ann:word@hooks.corp/x" }, "SLACK_WEBHOOK_URL"],
  [{ slackUrl: "file:///etc/passwd" }, "SLACK_WEBHOOK_URL"],
  [{ noticeUrl: "nonsense-of-sixteen", noticeSecret: key() }, "COUNCIL_NOTICE_URL"],
  [{ noticeUrl: "https://hooks.corp/x" }, "COUNCIL_NOTICE_SECRET"],
  [{ noticeUrl: "https://hooks.corp/x", noticeSecret: "not a key !" }, "COUNCIL_NOTICE_SECRET"],
  [{ pagerKey: "r".repeat(32), pagerUrl: "http://pager.corp" }, "COUNCIL_PAGER_URL"],
])("refuses %j at the start, naming %s and not the value", (values, variable) => {
  const refusal = () => noticeChannels({ ...unset, ...values });
  expect(refusal).toThrow(variable);
  expect(refusal).not.toThrow("corp");
});

test("the example of a receiver takes what is signed, once, and nothing else", async () => {
  const secret = key();
  const example = join(import.meta.dirname, "../../../../deploy/examples/notice-receiver.mjs");
  const env = { ...process.env, COUNCIL_NOTICE_SECRET: secret, PORT: "0" };
  const child = spawn(process.execPath, [example], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const lines: string[] = [];
    const reader = createInterface(child.stdout);
    reader.on("line", (line) => void lines.push(line));
    await once(reader, "line");
    const noticeUrl = `http://127.0.0.1:${/\d+$/.exec(lines[0] ?? "")?.[0]}/`;
    const send = (noticeSecret: string, notice: Notice) =>
      noticeChannels({ ...unset, noticeUrl, noticeSecret })[0]?.send(notice);
    await send(secret, blocked);
    await send(secret, blocked);
    await expect(send(key(), { ...blocked, id: "forged" })).rejects.toThrow("webhook answers 401");
    await send(secret, { ...blocked, id: "m2.0", text: "another" });
    await expect.poll(() => lines.length).toBe(3);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: "critical", patch: patchId });
    expect(JSON.parse(lines[2] ?? "")).toMatchObject({ text: "another" });
    // A body that was changed on the way.
    const body = JSON.stringify(blocked);
    const signature = new Webhook(secret).sign("m3", new Date(), body);
    const at = String(Math.floor(Date.now() / 1000));
    const headers = { "webhook-id": "m3", "webhook-timestamp": at, "webhook-signature": signature };
    const answer = await fetch(noticeUrl, { method: "POST", headers, body: `${body} ` });
    expect(answer.status).toBe(401);
  } finally {
    child.kill();
    await once(child, "exit");
  }
});
