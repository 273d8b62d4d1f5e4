import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const main = fileURLToPath(new URL("main.ts", import.meta.url));
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-builder-"));
  await writeFile(
    join(dir, "repositories.yaml"),
    "repositories:\n  - id: shop\n    remote: /srv/shop.git\n",
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
const sound = {
  COUNCIL_REPOSITORIES: "repositories.yaml",
  COUNCIL_BUILDER_SLOT: "a",
  COUNCIL_BUILDER_PROVIDER: "command",
  COUNCIL_BUILDER_COMMAND: '["agent"]',
};

describe("a builder that is configured badly ends with 78 and says why", () => {
  test.each([
    ["nothing at all", {}, /COUNCIL_BUILDER_SLOT/],
    ["a third slot", { ...sound, COUNCIL_BUILDER_SLOT: "c" }, /COUNCIL_BUILDER_SLOT/],
    [
      "no repositories file",
      { ...sound, COUNCIL_REPOSITORIES: "absent.yaml" },
      /COUNCIL_REPOSITORIES/,
    ],
    [
      "a command that is a shell line",
      { ...sound, COUNCIL_BUILDER_COMMAND: "agent --yes" },
      /^builder could not start: COUNCIL_BUILDER_COMMAND: [^\n]+\n$/,
    ],
    [
      "a model that is not named",
      { ...sound, COUNCIL_BUILDER_PROVIDER: "gemini" },
      /^builder could not start: COUNCIL_BUILDER_MODEL: [^\n]+\n$/,
    ],
    [
      "a model of nowhere",
      {
        ...sound,
        COUNCIL_BUILDER_PROVIDER: "openai-compatible",
        COUNCIL_BUILDER_MODEL: "llama-local",
      },
      /^builder could not start: COUNCIL_BUILDER_BASE_URL: [^\n]+\n$/,
    ],
    ["an empty command", { ...sound, COUNCIL_BUILDER_COMMAND: "[]" }, /COUNCIL_BUILDER_COMMAND/],
    [
      "P10: a command without a sandbox",
      { ...sound, COUNCIL_BWRAP: "/nowhere/bwrap" },
      /^builder could not start: sandbox: [^\n]+\n$/,
    ],
  ])("%s", async (_, env: Record<string, string>, reason) => {
    const ended = await start(env);
    expect(ended).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
  });
});
