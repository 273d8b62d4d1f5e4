import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { questions } from "./questions.ts";

/** One running copy of the product. */
export interface Arm {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

const startMs = 15_000;
const warmUpRequests = 30;
const warmUpAtOnce = 10;
/** Ends the product with whoever started it, without the product knowing. */
const endWithParent = "data:text/javascript,process.once('disconnect',()=>process.exit(0))";

/**
 * Starts the product checked out in `dir` and asks it some questions first, so that its first real
 * ones are not slower than those of a copy that has run for long. Rejects when it does not come up.
 */
export async function startArm(dir: string): Promise<Arm> {
  const child = spawn(process.execPath, ["--import", endWithParent, "src/main.js"], {
    cwd: dir,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", PORT: "0" },
    stdio: ["ignore", "pipe", "ignore", "ipc"],
    detached: true,
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  try {
    const port = await announcedPort(child);
    await warmUp(port);
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function announcedPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error("the product has no output");
  const lines = createInterface({ input: child.stdout });
  const announced = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the product did not start")), startMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    lines.on("line", (line) => {
      const port = /^listening on (\d+)$/.exec(line)?.[1];
      if (port !== undefined) settle(() => resolve(Number(port)));
    });
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code) =>
      settle(() => reject(new Error(`the product ended with exit code ${code} when started`))),
    );
  });
  return announced;
}

async function warmUp(port: number): Promise<void> {
  for (let sent = 0; sent < warmUpRequests; sent += warmUpAtOnce) {
    const batch = questions.slice(sent, sent + warmUpAtOnce);
    await Promise.all(
      batch.map(async ({ question }) => {
        const url = `http://127.0.0.1:${port}/answer?q=${encodeURIComponent(question)}`;
        const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
        await response.arrayBuffer();
      }),
    );
  }
}
