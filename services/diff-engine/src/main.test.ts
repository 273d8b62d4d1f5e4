import { type ServiceFolder, serviceFolder } from "@council/runtime/service-folder";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });
let folder: ServiceFolder;
beforeAll(async () => {
  folder = await serviceFolder(new URL("main.ts", import.meta.url), {
    "repositories.yaml": "repositories:\n  - id: shop\n    remote: /srv/shop.git\n    speed: 9\n",
  });
});
afterAll(() => folder.remove());

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
    expect(await folder.start(env)).toEqual({
      code: 78,
      stderr: expect.stringMatching(reason) as string,
    });
  });
});
