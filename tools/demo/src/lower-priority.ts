import { readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** How far background work stands back, in the system's unit (-20 to 19, 0 is usual). */
export const backgroundNiceness = 10;

/**
 * Lets a process just started stand back behind others when processors are scarce. On Linux a process that
 * leads a session competes by the niceness of the session, where that is in use.
 */
export function lowerPriority(pid: number | undefined, niceness = backgroundNiceness): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, niceness);
    if (process.platform === "linux" && isLeadingSession(pid))
      writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It ended already, or this system does not let us: it only competes harder then.
  }
}

/** Any other shares the session of whoever started it, which must not stand back with it. */
function isLeadingSession(pid: number): boolean {
  // The fields after the name, which may hold anything: state, parent, group, session.
  const [, , , session] =
    readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return session === String(pid);
}
