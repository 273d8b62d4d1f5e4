import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { fetchBranches, type Mirror } from "./mirror.ts";
import { objectBytes, objectInfo } from "./object-reader.ts";
import { writeBlob } from "./private-index.ts";
import { testRemote, type TestRemote } from "./testing.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let remote: TestRemote;
let mirror: Mirror;

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  mirror = await remote.mirror();
});

afterEach(async () => {
  await remote.remove();
});

test("many requests at once are answered each with its own object, whatever its size", async () => {
  const texts = Array.from({ length: 40 }, (_, at) => `${at}\n`.repeat(at * at * 40));
  const ids = await Promise.all(texts.map((text) => writeBlob(mirror, text)));
  const infos = await Promise.all(ids.map((id) => objectInfo(mirror, id)));
  expect(infos.map((info) => info?.sizeBytes)).toEqual(texts.map((text) => text.length));
  const bytes = await Promise.all(ids.map((id) => objectBytes(mirror, id)));
  expect(bytes.map((each) => each?.toString("utf8"))).toEqual(texts);
});

test("what is not there is undefined, also between others, and is found once it is there", async () => {
  const known = await writeBlob(mirror, "known");
  const head = await remote.commit({ files: { "b.txt": "two\n" } });
  const asked = await Promise.all(
    [head, known, "0".repeat(40)].map((id) => objectInfo(mirror, id)),
  );
  expect(asked.map((info) => info?.type)).toEqual([undefined, "blob", undefined]);
  await fetchBranches(mirror);
  expect(await objectInfo(mirror, head)).toMatchObject({ id: head, type: "commit" });
  expect(await objectInfo(mirror, `${head}^{tree}`)).toMatchObject({ type: "tree" });
  expect(await objectBytes(mirror, "0".repeat(40))).toBeUndefined();
});

test("a name that would be two requests is refused", async () => {
  const asked = objectInfo(mirror, `${"0".repeat(40)}\nHEAD`);
  await expect(asked).rejects.toMatchObject({ code: "invalid-argument" });
});

test("when git ends early what it owed fails, and the next request is answered", async () => {
  const id = await writeBlob(mirror, "known");
  const moved = `${mirror.gitDir}.away`;
  await rename(mirror.gitDir, moved);
  await expect(objectBytes(mirror, id)).rejects.toMatchObject({ code: "failed" });
  await rename(moved, mirror.gitDir);
  expect((await objectBytes(mirror, id))?.toString("utf8")).toBe("known");
});

test("a git that keeps silent fails the request in time", async () => {
  const silent = join(remote.dir, "git");
  await writeFile(silent, "#!/bin/sh\nexec /bin/cat > /dev/null\n", { mode: 0o755 });
  vi.stubEnv("PATH", remote.dir);
  onTestFinished(() => void vi.unstubAllEnvs());
  const other = { ...mirror, gitDir: `${mirror.gitDir}/.`, timeoutMs: 100 };
  await expect(objectInfo(other, "0".repeat(40))).rejects.toMatchObject({ code: "timeout" });
});
