import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });
const main = fileURLToPath(new URL("main.ts", import.meta.url));

describe("a streaming auditor that is configured badly ends with 78 and says why", () => {
  test.each([
    ["a Redis address that is none", { REDIS_URL: "somewhere" }, /REDIS_URL/],
    ["no partitions", { COUNCIL_PARTITIONS: "0" }, /COUNCIL_PARTITIONS/],
  ])("%s", async (_, env: Record<string, string>, reason) => {
    const child = spawn(process.execPath, [main], {
      cwd: tmpdir(),
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect({ code, stderr }).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
  });
});
