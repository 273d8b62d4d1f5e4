const pollMs = 1000;

/**
 * Calls `onGone` once when the parent has ended: the IPC channel closed, or the process `parentPid`
 * is no more. Without either it watches nothing. Never keeps the process alive.
 */
export function watchParent(parentPid: number | undefined, onGone: () => void): void {
  if (process.send !== undefined) process.once("disconnect", onGone);
  if (parentPid === undefined) return;
  // A dead parent that nobody waited for still answers kill(pid, 0), and a pid can be reused; being
  // handed to another parent shows both.
  const isDirectChild = process.ppid === parentPid;
  const timer = setInterval(() => {
    if (isRunning(parentPid) && !(isDirectChild && process.ppid !== parentPid)) return;
    clearInterval(timer);
    onGone();
  }, pollMs);
  timer.unref();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs under another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
