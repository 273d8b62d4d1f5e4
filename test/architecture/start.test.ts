import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "./source-tree.ts";

interface Ending {
  readonly code: unknown;
  readonly stderr: string;
}

/** What is asked for first. The streaming auditor needs no setting, so it is given a wrong one. */
const expected: Readonly<Record<string, { env?: Record<string, string>; names: string }>> = {
  gateway: { names: "COUNCIL_REPOSITORIES" },
  builder: { names: "COUNCIL_BUILDER_SLOT" },
  "diff-engine": { names: "COUNCIL_REPOSITORIES" },
  auditor: { names: "COUNCIL_HEAD" },
  "patch-controller": { names: "COUNCIL_KEYRING_FILE" },
  "streaming-auditor": { env: { REDIS_URL: "nowhere" }, names: "REDIS_URL" },
};

let cwd = "";
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "council-start-"));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const services = globSync("services/*/src/main.ts", { cwd: repositoryRoot }).map((path) => ({
  path,
  service: basename(dirname(dirname(path))),
}));

describe("every service", () => {
  it("is known here", () => {
    expect(services.map(({ service }) => service).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(services)("$service says which setting is missing, with exit code 78", async (each) => {
    const { env = {}, names } = expected[each.service] ?? { names: "unknown service" };
    const { code, stderr } = await run(join(repositoryRoot, each.path), env);
    expect({ code, stderr }).toMatchObject({ code: 78 });
    expect(stderr).toContain(names);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

/** Under plain Node.js: no loader, no build, nothing inherited. */
function run(path: string, env: Record<string, string>): Promise<Ending> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path], { cwd, env, timeout: 30_000 }, (error, _, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}
