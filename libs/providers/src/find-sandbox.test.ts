import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findSandbox } from "./find-sandbox.ts";
import { testSandbox } from "./test-sandbox.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-find-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const impostor = async (script: string) => {
  const path = join(dir, "bwrap");
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
};

it("finds bwrap where it is told, by variable, and on PATH", async () => {
  const { path } = await testSandbox();
  const found = { kind: "available", path };
  expect(await findSandbox({ bwrapPath: path, env: {} })).toMatchObject(found);
  expect(await findSandbox({ env: { COUNCIL_BWRAP: path } })).toMatchObject(found);
  expect(await findSandbox({ env: { PATH: `${dir}:${dirname(path)}` } })).toMatchObject(found);
});

it("does not put another in the place of one that was named", async () => {
  const { path } = await testSandbox();
  const env = { PATH: dirname(path), COUNCIL_BWRAP: join(dir, "nonesuch") };
  expect(await findSandbox({ env })).toMatchObject({ kind: "unavailable" });
});

it.each([
  ["is older than this needs", 'echo "bubblewrap 0.4.1"', /older/],
  ["is something else", "echo hello", /not a working bwrap/],
  [
    "may not make namespaces",
    'test "$1" = --version && echo "bubblewrap 0.8.0" && exit 0; echo "bwrap: No permissions" >&2; exit 1',
    /No permissions/,
  ],
])("is unavailable, with a remedy, when bwrap %s", async (_, script, reason) => {
  const found = await findSandbox({ bwrapPath: await impostor(script) });
  expect(found).toMatchObject({ kind: "unavailable", reason: expect.stringMatching(reason) });
  expect(found).toHaveProperty("remedy", expect.stringMatching(/install|allow/));
});

it("is unavailable when bwrap is setuid", async () => {
  const bwrapPath = await impostor('echo "bubblewrap 0.8.0"');
  await chmod(bwrapPath, 0o4755);
  expect(await findSandbox({ bwrapPath })).toMatchObject({
    kind: "unavailable",
    remedy: expect.stringContaining("chmod u-s"),
  });
});

it("is unavailable when there is no bwrap", async () => {
  for (const PATH of ["", "relative", dir]) {
    expect(await findSandbox({ env: { PATH } })).toMatchObject({ kind: "unavailable" });
  }
});
