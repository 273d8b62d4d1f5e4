import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCouncil } from "./testing/run-council.ts";

vi.setConfig({ testTimeout: 60_000 });
const token = randomBytes(24).toString("hex");
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "council-config-"));
  writeFileSync(join(dir, ".env"), `COUNCIL_OPERATOR_TOKEN=${token}\n`);
  writeFileSync(join(dir, "council.yaml"), "dataDir: here\nhttpPort: 9000\nheads: {rules: {}}\n");
  writeFileSync(join(dir, "council.toml"), 'dataDir = "there"\nCOST_DAILY_LIMIT = 1.5\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

const config = (words: readonly string[], env: Record<string, string> = {}) =>
  runCouncil(["config", ...words], { cwd: dir, env });

test("every value is shown with its source, the stronger file wins, secrets are masked", async () => {
  const { code, out } = await config(["explain"], { COUNCIL_PARTITIONS: "4" });
  expect(code).toBe(0);
  expect(out).toMatch(/^COUNCIL_DATA_DIR +yaml +here$/m);
  expect(out).toMatch(/^COST_DAILY_LIMIT +toml +1\.5 US dollars$/m);
  expect(out).toMatch(/^COUNCIL_PARTITIONS +env +4$/m);
  expect(out).toMatch(/^COUNCIL_OPERATOR_TOKEN +dotenv +\[redacted\]$/m);
  expect(out).not.toContain(token);
});

test.each(["dataDir", "COUNCIL_DATA_DIR"])("one is explained as %s", async (name) => {
  const { out } = await config(["explain", name]);
  expect(out).toContain("dataDir: Working folder");
  expect(out).toMatch(/value +here\n +source +the YAML file\n +default +\.council\/data\n/);
});

test("a name that is none is answered with the nearest, exit code 5", async () => {
  const { code, err } = await config(["explain", "dataDri"]);
  expect([code, err]).toEqual([5, "dataDri is no setting; do you mean dataDir?\n"]);
});

test("check lists every fault at once, exit code 78", async () => {
  expect(await config(["check"])).toMatchObject({ code: 0 });
  const { code, err } = await config(["check"], {
    COUNCIL_PARTITIONS: "0",
    COUNCIL_HTTP_PORT: "http",
    COUNCIL_OTLP_TOKEN: "changeme",
  });
  expect(code).toBe(78);
  expect(
    err
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0])
      .toSorted((a, b) => (a! < b! ? -1 : 1)),
  ).toEqual(["COUNCIL_HTTP_PORT", "COUNCIL_OTLP_TOKEN", "COUNCIL_PARTITIONS"]);
  expect(err).not.toContain("changeme");
});
