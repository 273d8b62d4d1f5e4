import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dashboardFiles, dashboardsFolder } from "./write-dashboards.ts";

test("grafana/dashboards holds what the sources make, and nothing else", async () => {
  const names = await readdir(dashboardsFolder);
  const files = names.map(
    async (name) => [name, await readFile(join(dashboardsFolder, name), "utf8")] as const,
  );
  expect(new Map(await Promise.all(files))).toEqual(dashboardFiles());
});
