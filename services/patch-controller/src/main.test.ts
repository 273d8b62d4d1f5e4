import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { generateHeadKey } from "@council/evidence";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { loadHeadKeys } from "./head-keys.ts";

vi.setConfig({ testTimeout: 60_000 });
const main = fileURLToPath(new URL("main.ts", import.meta.url));
const [one, two] = [generateHeadKey(), generateHeadKey()];
const keyrings = {
  "sound.json": { rules: one.publicKeyPem, proof: two.publicKeyPem },
  "shared.json": { rules: one.publicKeyPem, proof: one.publicKeyPem },
  "private.json": { rules: one.privateKeyPem },
  "no-key.json": { rules: "secret-looking" },
  "list.json": ["rules"],
};
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-controller-"));
  await writeFile(
    join(dir, "repositories.yaml"),
    "repositories:\n  - id: shop\n    remote: /srv/shop.git\n",
  );
  for (const [name, keyring] of Object.entries(keyrings))
    await writeFile(join(dir, name), JSON.stringify(keyring));
  await writeFile(join(dir, "broken.json"), "{ secret-looking");
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

describe("a controller that is configured badly ends with 78 and says why", () => {
  const sound = { COUNCIL_REPOSITORIES: "repositories.yaml", COUNCIL_KEYRING_FILE: "sound.json" };
  test.each([
    ["nothing at all", {}, /COUNCIL_KEYRING_FILE/],
    [
      "no repositories file",
      { ...sound, COUNCIL_REPOSITORIES: "absent.yaml" },
      /COUNCIL_REPOSITORIES/,
    ],
    [
      "a keyring with one key for two heads",
      { ...sound, COUNCIL_KEYRING_FILE: "shared.json" },
      /^patch-controller could not start: COUNCIL_KEYRING_FILE: [^\n]+\n$/,
    ],
    [
      "a signing key that is none",
      { ...sound, COUNCIL_GIT_SIGNING_KEY_FILE: "broken.json" },
      /^patch-controller could not start: COUNCIL_GIT_SIGNING_KEY_FILE: [^\n]+\n$/,
    ],
  ])("%s", async (_, env: Record<string, string>, reason) => {
    expect(await start(env)).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
  });
});

describe("the keyring", () => {
  test("P2: is one public key per head", async () => {
    const keys = await loadHeadKeys(join(dir, "sound.json"));
    expect([...keys.keys()]).toEqual(["rules", "proof"]);
    expect(keys.get("rules")?.type).toBe("public");
  });

  test.each([
    ["absent.json", /cannot be read/],
    ["broken.json", /must be a JSON object/],
    ["list.json", /must be a JSON object/],
    ["no-key.json", /"rules" is no Ed25519 public key/],
    ["private.json", /"rules" is a private key/],
    ["shared.json", /share a key/],
  ])("P2: %s is refused, without a word of what it holds", async (name, reason) => {
    const failed = await loadHeadKeys(join(dir, name)).catch((error: Error) => error);
    expect(failed).toMatchObject({
      code: "configuration-refused",
      message: expect.stringMatching(reason) as string,
    });
    expect(failed instanceof Error && failed.message).not.toMatch(/secret-looking|BEGIN/);
  });
});
