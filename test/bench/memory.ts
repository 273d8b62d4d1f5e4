/**
 * Memory of an idle Council: every service of the default set with both builders, and Redis, 20 s
 * after the start. PSS shares pages between the processes that use them, so only PSS may be summed;
 * RSS counts them in each. No peer; target: 700 MB PSS in all. Linux only.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { withStack } from "./bench-stack.ts";
import { digits } from "./report.ts";
import type { GroupResult } from "./report.ts";

const idleMs = 20_000;
const targetMb = 700;

interface Memory {
  readonly name: string;
  readonly pssMb: number;
  readonly rssMb: number;
}

export async function benchMemory(): Promise<GroupResult> {
  const command = ["true"];
  const builders = [
    { slot: "a", provider: "command", family: "first", command },
    { slot: "b", provider: "command", family: "second", command },
  ] as const;
  const measured = await withStack({ builders }, async ({ stack, redis }) => {
    await delay(idleMs);
    const processes = [...stack.processes(), { name: "redis", pid: redis.pid }];
    return Promise.all(processes.map(({ name, pid }) => memoryOf(name, pid)));
  });
  const sum = (which: "pssMb" | "rssMb") =>
    digits(measured.reduce((total, each) => total + each[which], 0));
  return {
    tables: [
      {
        title: `memory: MB (10^6 bytes) of each process, idle for ${idleMs / 1000} s`,
        columns: ["process", "PSS", "RSS"],
        rows: [
          ...measured.map(({ name, pssMb, rssMb }) => [name, digits(pssMb), digits(rssMb)]),
          ["all together", sum("pssMb"), sum("rssMb")],
        ],
        notes: [`Target: less than ${targetMb} MB PSS in all.`],
      },
    ],
    numbers: measured,
  };
}

async function memoryOf(name: string, pid: number | undefined): Promise<Memory> {
  if (pid === undefined) throw new Error(`${name} is not running`);
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const mb = (field: string) => {
    const kib = Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
    return (kib * 1024) / 1e6;
  };
  return { name, pssMb: mb("Pss"), rssMb: mb("Rss") };
}
