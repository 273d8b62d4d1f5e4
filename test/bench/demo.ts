/**
 * The demo from end to end as a person starts it: `./council demo --exit`, run twice. The first run may
 * still have to fetch something; the second is the one that counts. No peer; target 90 s, better 60 s.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { digits } from "./report.ts";
import type { GroupResult } from "./report.ts";

const council = join(import.meta.dirname, "..", "..", "council");

export async function benchDemo(): Promise<GroupResult> {
  const runs = [await runDemo("first"), await runDemo("second")];
  return {
    tables: [
      {
        title: "demo: wall time, s",
        columns: ["run", "seconds", "exit code"],
        rows: runs.map(({ name, seconds, code }) => [name, digits(seconds), String(code)]),
        notes: ["Target: the second run in less than 90 s (better 60 s), with exit code 0."],
      },
    ],
    numbers: runs,
  };
}

async function runDemo(name: string) {
  const startedAt = performance.now();
  const child = spawn(council, ["demo", "--exit"], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (bytes) => {
    output += String(bytes);
  });
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`  ${name} run: ${digits(seconds)} s, exit code ${code}`);
  if (code !== 0) console.log(output.trimEnd().split("\n").slice(-20).join("\n"));
  return { name, seconds, code };
}
