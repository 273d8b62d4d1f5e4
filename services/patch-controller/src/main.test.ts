import { generateHeadKey } from "@council/evidence";
import { type ServiceFolder, serviceFolder } from "@council/runtime/service-folder";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { loadHeadKeys } from "./head-keys.ts";

vi.setConfig({ testTimeout: 60_000 });
const [one, two] = [generateHeadKey(), generateHeadKey()];
const keyrings = {
  "sound.json": { rules: one.publicKeyPem, proof: two.publicKeyPem },
  "shared.json": { rules: one.publicKeyPem, proof: one.publicKeyPem },
  "private.json": { rules: one.privateKeyPem },
  "no-key.json": { rules: "secret-looking" },
  "list.json": ["rules"],
};
let folder: ServiceFolder;
beforeAll(async () => {
  folder = await serviceFolder(new URL("main.ts", import.meta.url), {
    "repositories.yaml": "repositories:\n  - id: shop\n    remote: /srv/shop.git\n",
    "broken.json": "{ secret-looking",
    ...Object.fromEntries(
      Object.entries(keyrings).map(([name, keyring]) => [name, JSON.stringify(keyring)]),
    ),
  });
});
afterAll(() => folder.remove());

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
    expect(await folder.start(env)).toEqual({
      code: 78,
      stderr: expect.stringMatching(reason) as string,
    });
  });
});

describe("the keyring", () => {
  test("P2: is one public key per head", async () => {
    const keys = await loadHeadKeys(folder.fileOf("sound.json"));
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
    const failed = await loadHeadKeys(folder.fileOf(name)).catch((error: Error) => error);
    expect(failed).toMatchObject({
      code: "configuration-refused",
      message: expect.stringMatching(reason) as string,
    });
    expect(failed instanceof Error && failed.message).not.toMatch(/secret-looking|BEGIN/);
  });
});
