import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { lowerPriority } from "./lower-priority.ts";

const groupOf = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, "utf8");
  } catch {
    return "";
  }
};

test.each([false, true])(
  "a child stands back, and whoever started it does not (session of its own: %s)",
  (detached) => {
    const before = groupOf(process.pid);
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached });
    onTestFinished(() => void child.kill("SIGKILL"));
    const pid = child.pid!;
    lowerPriority(pid, 12);
    expect(getPriority(pid)).toBe(12);
    expect(groupOf(process.pid)).toBe(before);
    // Where sessions compete, that of the child has the niceness, and its parent's has not.
    const hasOwn = detached && before !== "";
    expect(groupOf(pid)).toMatch(hasOwn ? /nice 12/ : new RegExp(`^${before}$`));
  },
);
