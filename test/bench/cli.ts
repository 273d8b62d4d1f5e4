/** What a command costs before it does anything: the time to start, of processor and of the clock. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { GroupResult } from "./report.ts";

const root = join(import.meta.dirname, "..", "..");
const goalMs = 150;
const runsPerRound = 20;

const measured = [
  ["council --help", '"$1" --help'],
  ["council status", '"$1" status'],
  ["council submit --help", '"$1" submit --help'],
  ["council diff --help", '"$1" diff --help'],
  ["Node.js alone", '"$2" -e 0'],
] as const;

interface Start {
  readonly name: string;
  readonly wallMs: number;
  readonly processorMs: number;
}

/** Starts every command often, one after the other, against a gateway that answers at once. */
export async function benchCli({ rounds }: { rounds: number }): Promise<GroupResult> {
  await using gateway = await emptyGateway();
  const starts: Start[] = [];
  for (const [name, script] of measured) {
    await startOften(script, gateway.url, 2); // what is compiled is kept from here on
    starts.push({ name, ...(await startOften(script, gateway.url, rounds * runsPerRound)) });
  }
  const rows = starts.map(({ name, wallMs, processorMs }) => [
    name,
    processorMs.toFixed(0),
    wallMs.toFixed(0),
    name.startsWith("council") ? (processorMs < goalMs && wallMs < goalMs ? "yes" : "no") : "",
  ]);
  const table = {
    title: "Start of the command line",
    columns: ["command", "processor ms", "wall ms", `below ${goalMs} ms`],
    rows,
    notes: [
      `Means of ${rounds * runsPerRound} starts in a row through ./council, compile cache warm.`,
      "status asks a loopback gateway three questions and prints an empty table.",
    ],
  };
  return { tables: [table], numbers: starts };
}

/** Mean times of one start; the shell counts the processor time of what it ran. */
async function startOften(script: string, url: string, times: number) {
  const loop = `i=0; while [ $i -lt ${times} ]; do ${script} >/dev/null || exit 9; i=$((i+1)); done; times`;
  const env = { ...process.env, COUNCIL_URL: url, COUNCIL_OPERATOR_TOKEN: "" };
  const startedAt = performance.now();
  const child = spawn("/bin/sh", ["-c", loop, "sh", join(root, "council"), process.execPath], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [out] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const wallMs = (performance.now() - startedAt) / times;
  if (child.exitCode !== 0) throw new Error(`${script} ends with ${child.exitCode}`);
  const children = out.trim().split("\n").at(-1) ?? "";
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return { wallMs, processorMs: (seconds.reduce((sum, each) => sum + each, 0) * 1000) / times };
}

/** Answers every question of `council status` with nothing. */
async function emptyGateway() {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"patches":[],"deadLetters":[],"isPaused":false}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
