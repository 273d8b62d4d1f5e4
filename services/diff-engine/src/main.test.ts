import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });
const main = fileURLToPath(new URL("main.ts", import.meta.url));
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-diff-engine-"));
  await writeFile(
    join(dir, "repositories.yaml"),
    "repositories:\n  - id: shop\n    remote: /srv/shop.git\n    speed: 9\n",
  );
});
afterAll(() => rm(dir, { recursive: true }));

async function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    cwd: dir,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { code: code as number, stderr };
}

describe("a diff engine that is configured badly ends with 78 and says why", () => {
  test.each([
    ["nothing at all", {}, /COUNCIL_REPOSITORIES/],
    [
      "an unknown field in the repositories file",
      { COUNCIL_REPOSITORIES: "repositories.yaml" },
      /^diff-engine could not start: COUNCIL_REPOSITORIES: [^\n]*speed[^\n]*\n$/,
    ],
    [
      "no workers",
      { COUNCIL_REPOSITORIES: "repositories.yaml", COUNCIL_COMPARE_WORKERS: "0" },
      /COUNCIL_COMPARE_WORKERS/,
    ],
  ])("%s", async (_, env: Record<string, string>, reason) => {
    expect(await start(env)).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
  });
});
