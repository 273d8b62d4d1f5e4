/**
 * The webhook: how long the gateway takes to answer, at 200 signed requests a second for 10 s.
 *
 * The whole stack runs and works on what comes in; the sender runs on the same machine. Measured from
 * when a request was due (an open loop), so waiting in the sender counts too. The peer is the floor: a
 * bare HTTP server that answers the same signed requests at once. Target p99 < 20 ms.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { gatewayClient } from "@council/demo/stack";
import type { GatewayClient, GatewayReply } from "@council/demo/stack";
import { submitPatch, withStack } from "./bench-stack.ts";
import type { BenchStack } from "./bench-stack.ts";
import { openLoop } from "./bus-chain.ts";
import { digits, median, percentile } from "./report.ts";
import type { GroupResult } from "./report.ts";

const perSecond = 200;
const seconds = 10;
const warmUp = 50;
const targetMs = 20;
const floorName = "floor: no gateway";

interface Round {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly accepted: number;
  readonly refused: number;
  /** Processor time of the answering process per request. */
  readonly cpuMs: number;
}

interface Target {
  readonly client: GatewayClient;
  readonly pid: number;
  readonly bench: BenchStack;
  /** A patch that was taken in before. */
  readonly patchId: string;
}

/** Sends request number `at`. */
type Send = (target: Target, at: number) => Promise<GatewayReply>;

const sendSample: Send = ({ client, patchId }, at) =>
  client.sendSamples([
    {
      patch: patchId,
      metric: "latency",
      arm: at % 2 === 0 ? "baseline" : "canary",
      value: 10,
      unit: "ms",
      at: Date.now(),
    },
  ]);

const kinds: Readonly<Record<string, Send>> = {
  [floorName]: sendSample,
  samples: sendSample,
  // Decided at once (no builder is there to render it): the intake without the audit of 2,000 patches.
  "patch as a task": ({ client, bench }, at) => {
    const { diff: _, ...rest } = bench.submission(at);
    return client.submit({ ...rest, task: { title: rest.title, instructions: "Change it." } });
  },
  // The audit of all of them goes on behind it and takes whatever processor time is left.
  "patch as a diff": ({ client, bench }, at) => client.submit(bench.submission(at)),
};

export async function benchHttp({ rounds }: { readonly rounds: number }): Promise<GroupResult> {
  const measured = new Map<string, Round[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, send] of Object.entries(kinds)) {
      console.log(`  round ${round + 1} of ${rounds}: ${name}`);
      const result = await withStack({}, async (bench) => {
        const patchId = await submitPatch(bench, 1_000_000);
        if (name === floorName)
          return withFloor(bench, (floor) => measure({ ...floor, bench, patchId }, send));
        const pid = bench.stack.processes().find((each) => each.name === "gateway")?.pid ?? 0;
        return measure({ client: bench.client, pid, bench, patchId }, send);
      });
      measured.set(name, [...(measured.get(name) ?? []), result]);
    }
  }
  const middle = (name: string, which: keyof Round) =>
    median((measured.get(name) ?? []).map((round) => round[which]));
  const columns = ["p50", "p99", "max", "cpuMs", "accepted", "refused"] as const;
  return {
    tables: [
      {
        title: `http: ms from due to answered, ${perSecond} requests/s for ${seconds} s, ${rounds} rounds`,
        columns: ["request", "p50", "p99", "max", "CPU", "202", "else", "p99 of floor's"],
        rows: [...measured.keys()].map((name) => [
          name,
          ...columns.map((column) => digits(middle(name, column))),
          `${digits(middle(name, "p99") / middle(floorName, "p99"))}x`,
        ]),
        notes: [
          `Target: p99 < ${targetMs} ms. Medians of the rounds; each measurement on a fresh stack.`,
          "CPU: processor ms of the answering process per request. Floor: a bare HTTP server answers.",
        ],
      },
    ],
    numbers: Object.fromEntries(measured),
  };
}

async function measure(target: Target, send: Send): Promise<Round> {
  const total = perSecond * seconds;
  for (let at = 0; at < warmUp; at += 1) await send(target, total + at);
  const timesMs: number[] = [];
  const statuses: number[] = [];
  const sending: Promise<void>[] = [];
  const cpuBefore = await cpuMsOf(target.pid);
  await openLoop({ perSecond, total }, (at, dueAtMs) => {
    const answered = send(target, at).then(
      ({ status }) => {
        timesMs.push(performance.now() - dueAtMs);
        statuses.push(status);
      },
      () => void statuses.push(0),
    );
    sending.push(answered);
  });
  await Promise.all(sending);
  const accepted = statuses.filter((status) => status === 202).length;
  return {
    p50: percentile(timesMs, 0.5),
    p99: percentile(timesMs, 0.99),
    max: percentile(timesMs, 1),
    accepted,
    refused: statuses.length - accepted,
    cpuMs: ((await cpuMsOf(target.pid)) - cpuBefore) / total,
  };
}

/** A server of its own process that reads each request and answers 202. */
async function withFloor<Result>(
  { stack }: BenchStack,
  act: (floor: Pick<Target, "client" | "pid">) => Promise<Result>,
): Promise<Result> {
  const program = `require("node:http")
    .createServer((request, response) => request.resume().on("end", () => response.writeHead(202).end("{}")))
    .listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;
  const child = spawn(process.execPath, ["--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const url = `http://127.0.0.1:${String(port).trim()}`;
    const client = gatewayClient({ ...stack.secrets, url });
    return await act({ client, pid: child.pid ?? 0 });
  } finally {
    child.kill();
  }
}

/** User and system time; Linux counts them in hundredths of a second. NaN elsewhere. */
async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field, the name in parentheses, may itself hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
