import { describe, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { checkBus, reportWork, serveWorker, type WorkEvent, type WorkSource } from "./worker.ts";

type Handler = () => Promise<object>;
type Consuming = Parameters<WorkSource<Handler>["consume"]>[0];

function contextOf() {
  const lines: string[] = [];
  const say = (level: string) => (about: unknown, text?: string) =>
    void lines.push(`${level} ${text} ${JSON.stringify(about)}`);
  const log = {
    ...createLog({ service: "t", level: "fatal" }),
    error: say("error"),
    warn: say("warn"),
    debug: say("debug"),
    info: say("info"),
  };
  const metrics = createMetrics("t", { hasProcessMetrics: false });
  const settings = { opsHost: "127.0.0.1", opsPort: 0, claimIdleMs: 700 };
  return { lines, context: { log: log as ReturnType<typeof createLog>, metrics, settings } };
}

/** A bus that only notes what is asked of it. */
function sourceOf(
  done: string[],
  isAway = false,
): WorkSource<Handler> & { readonly options: Consuming[] } {
  const options: Consuming[] = [];
  return {
    options,
    consume: (consuming) => {
      options.push(consuming);
      return { stop: () => Promise.resolve(void done.push(`stopped ${consuming.inbox}`)) };
    },
    readState: () => (isAway ? Promise.reject(new Error("no link")) : Promise.resolve(undefined)),
    close: () => Promise.resolve(void done.push("left")),
  };
}
const handler: Handler = () => Promise.resolve({});

describe("a worker", () => {
  test("consumes each inbox as it was asked to, with the service's own idle time", async () => {
    const bus = sourceOf([]);
    const { context } = contextOf();
    const consumers = [
      { inbox: "one", handler, concurrency: 4 },
      { inbox: "two", handler, maxDeliveries: 9 },
    ];
    const running = await serveWorker({ context, bus, consumers });
    expect(bus.options).toMatchObject([
      { inbox: "one", handler, concurrency: 4, claimIdleMs: 700 },
      { inbox: "two", handler, maxDeliveries: 9, claimIdleMs: 700 },
    ]);
    await running.stop();
  });

  test("P8: ends by finishing its work, then what it was given to close, then its link", async () => {
    const done: string[] = [];
    const { context } = contextOf();
    const closing = () => Promise.resolve(void done.push("closed"));
    const consumers = [
      { inbox: "one", handler },
      { inbox: "two", handler },
    ];
    const running = await serveWorker({ context, bus: sourceOf(done), consumers, closing });
    expect(done).toEqual([]);
    await running.stop();
    expect(done).toEqual(["stopped one", "stopped two", "closed", "left"]);
  });

  test("is ready while Redis answers", async () => {
    expect(await checkBus(sourceOf([]))()).toEqual({ kind: "ok" });
    expect(await checkBus(sourceOf([], true))()).toEqual({
      kind: "failing",
      reason: "no link",
    });
  });
});

describe("what a worker reports", () => {
  const delivery = {
    message: { type: "audit", subject: "p03-abcdefgh", correlationId: "p03-abcdefgh" },
  };

  test("is counted by outcome and timed; a patch id is never a label", async () => {
    const { context } = contextOf();
    const report = reportWork(context);
    report({ kind: "applied", durationMs: 3, delivery });
    report({ kind: "applied", durationMs: 40, delivery });
    report({ kind: "of another kind" });
    const text = await context.metrics.expose();
    expect(text).toContain('council_messages_total{outcome="applied",service="t"} 2');
    expect(text).toContain('council_messages_total{outcome="other",service="t"} 1');
    expect(text).toContain('council_message_seconds_bucket{le="0.005",service="t"} 1');
    expect(text).not.toContain("p03-abcdefgh");
  });

  test.each<[WorkEvent, string]>([
    [{ kind: "applied", delivery }, "debug message handled"],
    [{ kind: "failed", delivery, error: new Error("boom") }, "warn work is delayed"],
    [{ kind: "unavailable", error: new Error("boom") }, "warn work is delayed"],
    [{ kind: "dead-lettered", error: "boom" }, "error a message was given up"],
    [{ kind: "data-loss" }, "error a message was given up"],
  ])("%o is as loud as it matters", (event, start) => {
    const { context, lines } = contextOf();
    reportWork(context)(event);
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${start} `)) as string]);
  });
});
