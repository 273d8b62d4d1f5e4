import { type ServiceFolder, serviceFolder } from "@council/runtime/service-folder";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: ServiceFolder;
beforeAll(async () => {
  folder = await serviceFolder(new URL("main.ts", import.meta.url), {
    "repositories.yaml": "repositories:\n  - id: shop\n    remote: /srv/shop.git\n",
  });
});
afterAll(() => folder.remove());

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
    const ended = await folder.start(env);
    expect(ended).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
  });
});
