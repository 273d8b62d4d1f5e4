import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { runCouncil } from "../testing/run-council.ts";
import type { Finding } from "./examine-folder.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
let [dir, folder]: [string, string] = ["", ""];
let count = 0;

const council = (...words: string[]) => runCouncil(words, { cwd: dir });

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "council-installation-"));
  const git = (...words: string[]) => execFileSync("git", words, { cwd: dir });
  git("init", "--quiet", "--bare", "--initial-branch=main", "shop.git");
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.test"];
  git("init", "--quiet", "--initial-branch=main", "shop");
  git("-C", "shop", ...author, "commit", "--quiet", "--allow-empty", "--message", "first");
  git("-C", "shop", "push", "--quiet", "../shop.git", "main");
});
beforeEach(async () => {
  folder = join(dir, `guard-${(count += 1)}`);
  const { code, err } = await council("init", folder, "--remote", "shop.git");
  if (code !== 0) throw new Error(err);
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("council init", () => {
  test("makes a folder whose settings hold; secrets and keys are its owner's alone and new each time", async () => {
    expect(await runCouncil(["config", "check"], { cwd: folder })).toMatchObject({ code: 0 });
    for (const name of [".env", "keys/rules.pem", "keys/proof.pem", "keys/contract.pem"])
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    await council("init", "other", "--remote", "shop.git");
    const secrets = [folder, join(dir, "other")].map((each) =>
      readFileSync(join(each, ".env"), "utf8"),
    );
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  test("never replaces an installation", async () => {
    const before = readFileSync(join(folder, ".env"), "utf8");
    const again = await council("init", folder, "--remote", "shop.git");
    expect(again).toMatchObject({
      code: 2,
      err: expect.stringContaining("is there already") as string,
    });
    expect(readFileSync(join(folder, ".env"), "utf8")).toBe(before);
  });
});

describe("council doctor", () => {
  const findings = async () => {
    const { code, out } = await council("doctor", folder, "--json");
    const found = JSON.parse(out) as Finding[];
    // Whether this machine has a sandbox and a Redis is not what is tested here.
    const own = found.filter(({ name }) => !["sandbox", "redis", "clock"].includes(name));
    return { code, faults: own.filter(({ kind }) => kind === "fault"), found: own };
  };

  test("finds nothing wrong with a new installation", async () => {
    const { faults, found } = await findings();
    expect(faults).toEqual([]);
    expect(found.map(({ name }) => name)).toEqual(["configuration", "keys", "remote shop"]);
  });

  test("names every fault with its remedy, exit code 1", async () => {
    chmodSync(join(folder, ".env"), 0o644);
    writeFileSync(
      join(folder, "keys", "proof.pem"),
      readFileSync(join(folder, "keys", "rules.pem")),
    );
    rmSync(join(folder, "keys", "contract.pem"));
    const file = join(folder, "repositories.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace('"main"', '"trunk"'));
    const { code, faults } = await findings();
    expect(code).toBe(1);
    expect(faults.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
      ".env: others may read it",
      "key of proof: is not the one in the keyring",
      expect.stringMatching(/^key of contract: .*contract\.pem is not there$/) as string,
      "remote shop: has no branch trunk",
    ]);
    expect(faults.every(({ remedy }) => remedy !== undefined && remedy !== "")).toBe(true);
  });

  test("heads and builders of council.yaml are processes; a setting below them is for that one alone", async () => {
    const file = join(folder, "council.yaml");
    const text = readFileSync(file, "utf8");
    const own =
      "  gemini: { headProvider: gemini, headModel: gemini-3.8-flash }\nbuilders:\n  a: {}\n";
    writeFileSync(file, `${text.trimEnd()}\n${own}`);
    const { faults } = await findings();
    expect(faults.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^builder-a: .*COUNCIL_BUILDER_/) as string,
    ]);
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace("a: {}", "a: { provider: recorded, recordings: . }"),
    );
    expect((await findings()).faults).toMatchObject([{ name: "key of gemini" }]);
  });

  test("a Redis that does not answer is told", async () => {
    const file = join(folder, "council.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(":6379", ":1"));
    const { out } = await council("doctor", folder, "--json");
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({
        name: "redis",
        kind: "fault",
        detail: "does not answer (connection refused)",
        remedy: expect.any(String) as string,
      }),
    );
  });
});

test("faulty settings of all processes come at once", async () => {
  appendFileSync(join(folder, "council.yaml"), "partitons: 4\nlogLevel: loud\n");
  rmSync(join(folder, "repositories.yaml"));
  const { code, out } = await council("doctor", folder);
  expect(code).toBe(1);
  expect(out).toContain("has partitons, which is no setting: write partitions");
  expect(out).toContain('"loud" is not known');
  expect(out).toContain("repositories.yaml: cannot be read");
});
