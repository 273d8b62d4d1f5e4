import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const read = (path: string) => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // gone meanwhile, or not ours to look into
  }
};

const linkOf = (path: string) => {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
};

/**
 * Processes that were started for a folder and do not end by themselves within five seconds: it is in their
 * command line, environment or working directory. Empty where there is no /proc to look into.
 */
export async function strayProcesses(folder: string): Promise<string[]> {
  const givenUpAt = Date.now() + 5_000;
  for (;;) {
    const running = processesOf(folder);
    // What reads from a process that has ended ends a moment after it.
    if (running.length === 0 || Date.now() > givenUpAt) return running;
    await pause(50);
  }
}

function processesOf(folder: string): string[] {
  const isThere = linkOf("/proc/self/exe") !== "";
  const pids = isThere ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  return pids
    .filter((pid) => Number(pid) !== process.pid)
    .filter((pid) => {
      const traces = ["cmdline", "environ"].map((file) => read(`/proc/${pid}/${file}`));
      return [...traces, linkOf(`/proc/${pid}/cwd`)].some((text) => text.includes(folder));
    })
    .filter((pid) => !/^State:\s+Z/m.test(read(`/proc/${pid}/status`)))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").slice(0, 200)}`);
}
