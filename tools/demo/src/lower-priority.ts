import { setPriority } from "node:os";

/** How far background work stands back, in the system's unit (-20 to 19, 0 is usual). */
export const backgroundNiceness = 10;

/** Lets a process just started stand back behind others when processors are scarce. */
export function lowerPriority(pid: number | undefined, niceness = backgroundNiceness): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, niceness);
  } catch {
    // It ended already, or this system does not let us: it only competes harder then.
  }
}
