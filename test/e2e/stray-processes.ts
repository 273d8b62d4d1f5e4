import { readdirSync, readFileSync, readlinkSync } from "node:fs";

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
 * Processes that were started for a folder and still run: it is in their command line, environment or
 * working directory. Empty where there is no /proc to look into.
 */
export function strayProcesses(folder: string): string[] {
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
