import { readdir, readFile } from "node:fs/promises";
import { MAX_PROCESSES } from "./bwrap-arguments.ts";

export interface ProcessLimits {
  readonly maxProcesses?: number;
  readonly memoryBytes?: number;
}

const INTERVAL_MS = 100;

/**
 * Watches the sandbox whose first process is `pid` (as the host counts) and calls `onExceeded` once
 * if it holds more processes, or all together more memory, than allowed. Returns how to stop.
 *
 * The kernel cannot be asked for either: its limit on memory counts what one process reserves, not
 * what all use, and its limit on processes does not hold for root.
 */
export function watchProcesses(
  pid: number,
  limits: ProcessLimits,
  onExceeded: (limit: "memory" | "processes") => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const exceeded = await exceededLimit(`/proc/${pid}/root/proc`, limits);
    if (isStopped) return;
    if (exceeded !== undefined) onExceeded(exceeded);
    else schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => void look(), INTERVAL_MS);
  };
  schedule();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

async function exceededLimit(
  procDir: string,
  { maxProcesses = MAX_PROCESSES, memoryBytes }: ProcessLimits,
): Promise<"memory" | "processes" | undefined> {
  // Unreadable means ended.
  const names = await readdir(procDir).catch(() => []);
  const pids = names.filter((name) => /^[0-9]+$/.test(name));
  if (pids.length > maxProcesses) return "processes";
  if (memoryBytes === undefined) return undefined;
  const sizes = await Promise.all(pids.map((pid) => residentBytes(`${procDir}/${pid}/status`)));
  return sizes.reduce((sum, size) => sum + size, 0) > memoryBytes ? "memory" : undefined;
}

/** Memory that is the process's own: pages of program files are shared and do not count. */
async function residentBytes(statusFile: string): Promise<number> {
  const status = await readFile(statusFile, "utf8").catch(() => "");
  const parts = [...status.matchAll(/^Rss(?:Anon|Shmem):\s*([0-9]+) kB$/gm)];
  return parts.reduce((sum, part) => sum + Number(part[1]) * 1024, 0);
}
