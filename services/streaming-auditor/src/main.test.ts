import { type ServiceFolder, serviceFolder } from "@council/runtime/service-folder";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

let folder: ServiceFolder;
beforeAll(async () => {
  folder = await serviceFolder(new URL("main.ts", import.meta.url));
});
afterAll(() => folder.remove());

describe("a streaming auditor that is configured badly ends with 78 and says why", () => {
  test.each([
    ["a Redis address that is none", { REDIS_URL: "somewhere" }, /REDIS_URL/],
    ["no partitions", { COUNCIL_PARTITIONS: "0" }, /COUNCIL_PARTITIONS/],
  ])("%s", async (_, env: Record<string, string>, reason) => {
    const { code, stderr } = await folder.start(env);
    expect({ code, stderr }).toEqual({ code: 78, stderr: expect.stringMatching(reason) as string });
  });
});
