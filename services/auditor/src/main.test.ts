import { generateHeadKey } from "@council/evidence";
import { type ServiceFolder, serviceFolder } from "@council/runtime/service-folder";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const seats = [
  { head: "rules", family: "rules", mustVote: true },
  { head: "proof", family: "proof" },
  { head: "reviewer", family: "google", isModel: true },
];
let folder: ServiceFolder;
beforeAll(async () => {
  folder = await serviceFolder(new URL("main.ts", import.meta.url), {
    "repositories.yaml": JSON.stringify({
      repositories: [{ id: "shop", remote: "/srv/shop.git", policy: { seats } }],
    }),
    "key.pem": generateHeadKey().privateKeyPem,
    "public.pem": "-----BEGIN PUBLIC KEY-----\nsecret-looking\n",
  });
});
afterAll(() => folder.remove());

const seated = { COUNCIL_HEAD: "reviewer", COUNCIL_HEAD_PROVIDER: "openai" };
const keyed = { COUNCIL_HEAD_API_KEY: ["a", "key", "for", "tests", "only"].join("-") };
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
      "a seat whose name no inbox can have",
      { ...sound, ...seated, COUNCIL_HEAD: "The Reviewer" },
      /^auditor could not start: COUNCIL_HEAD: name the seat [^\n]+\n$/,
    ],
    [
      "a model that is not named",
      { ...sound, ...seated },
      /^auditor could not start: COUNCIL_HEAD_MODEL: [^\n]+\n$/,
    ],
    [
      "a model without a key",
      { ...sound, ...seated, COUNCIL_HEAD_MODEL: "gpt-5.6-terra" },
      /^auditor could not start: COUNCIL_HEAD_API_KEY [^\n]+\n$/,
    ],
    [
      "P7: a model that nobody knows the price of",
      { ...sound, ...seated, ...keyed, COUNCIL_HEAD_MODEL: "brand-new-1" },
      /^auditor could not start: COUNCIL_MODEL_PRICES: [^\n]+\n$/,
    ],
    [
      "a seat that the policy counts for another family",
      { ...sound, ...seated, ...keyed, COUNCIL_HEAD_MODEL: "gpt-5.6-terra" },
      /^auditor could not start: COUNCIL_REPOSITORIES: shop: the seat "reviewer" [^\n]*openai[^\n]*\n$/,
    ],
    [
      "proof without a sandbox",
      { ...sound, COUNCIL_HEAD: "proof", COUNCIL_BWRAP: "/nowhere/bwrap" },
      /^auditor could not start: sandbox: /,
    ],
  ])("%s", async (_, env: Record<string, string>, reason) => {
    const { code, stderr } = await folder.start(env);
    expect({ code, stderr }).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
    expect(stderr).not.toContain("secret-looking");
  });
});
