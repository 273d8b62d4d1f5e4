import type { Readable } from "node:stream";

/** What bwrap reports about its own work, apart from what the command inside prints. */
export interface BwrapStatus {
  /** True once the command inside was started: an exit before that is the sandbox's own failure. */
  readonly hasStarted: () => boolean;
}

const REPORT_MAX_LENGTH = 16_384;

/**
 * Follows bwrap's status descriptor: one JSON document per line. The first names the process id of
 * the sandbox's first process, for `onPid`; `exit-code` comes only if the command was started.
 */
export function bwrapStatus(source: Readable, onPid: (pid: number) => void): BwrapStatus {
  let report = "";
  let pid: number | undefined;
  source.setEncoding("utf8");
  source.on("data", (text: string) => {
    if (report.length + text.length > REPORT_MAX_LENGTH) return;
    report += text;
    if (pid !== undefined) return;
    pid = numberOf("child-pid", report);
    if (pid !== undefined) onPid(pid);
  });
  return { hasStarted: () => numberOf("exit-code", report) !== undefined };
}

function numberOf(field: string, report: string): number | undefined {
  const found = new RegExp(`"${field}": *([0-9]+)[ ,}]`).exec(report)?.[1];
  return found === undefined ? undefined : Number(found);
}
