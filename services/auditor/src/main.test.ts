import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { generateHeadKey } from "@council/evidence";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const main = fileURLToPath(new URL("main.ts", import.meta.url));
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-auditor-"));
  await writeFile(
    join(dir, "repositories.yaml"),
    "repositories:\n  - id: shop\n    remote: /srv/shop.git\n",
  );
  await writeFile(join(dir, "key.pem"), generateHeadKey().privateKeyPem);
  await writeFile(join(dir, "public.pem"), "-----BEGIN PUBLIC KEY-----\nsecret-looking\n");
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
  COUNCIL_HEAD: "rules",
  COUNCIL_HEAD_KEY_FILE: "key.pem",
};

describe("an auditor that is configured badly ends with 78 and says why", () => {
  test.each([
    [
      "nothing at all",
      {},
      /COUNCIL_HEAD(.|\n)*COUNCIL_HEAD_KEY_FILE|COUNCIL_HEAD_KEY_FILE(.|\n)*COUNCIL_HEAD/,
    ],
    ["a head that does not exist", { ...sound, COUNCIL_HEAD: "oracle" }, /COUNCIL_HEAD/],
    [
      "no repositories file",
      { ...sound, COUNCIL_REPOSITORIES: "absent.yaml" },
      /COUNCIL_REPOSITORIES/,
    ],
    [
      "no key",
      { ...sound, COUNCIL_HEAD_KEY_FILE: "absent.pem" },
      /^auditor could not start: COUNCIL_HEAD_KEY_FILE: .*Ed25519 key\n$/,
    ],
    ["a public key", { ...sound, COUNCIL_HEAD_KEY_FILE: "public.pem" }, /COUNCIL_HEAD_KEY_FILE/],
    [
      "proof without a sandbox",
      { ...sound, COUNCIL_HEAD: "proof", COUNCIL_BWRAP: "/nowhere/bwrap" },
      /^auditor could not start: sandbox: /,
    ],
  ])("%s", async (_, env: Record<string, string>, reason) => {
    const { code, stderr } = await start(env);
    expect({ code, stderr }).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
    expect(stderr).not.toContain("secret-looking");
  });
});
