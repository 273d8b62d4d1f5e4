/**
 * Runs `work` while holding the lock at `path`; other holders in any process wait their turn.
 * `onWait` is called once if another holder is there first.
 */
export function withFolderLock<Result>(
  path: string,
  work: () => Promise<Result>,
  options?: { onWait?: () => void; pollMs?: number },
): Promise<Result>;
