import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashed, loadOperators } from "./load-operators.ts";

const strong = {
  shared: "9f2c1d7be04a55c3f18e",
  ada: "u7Qx0vTt4mZk29LpRw",
  bob: "Zr8-kq2Lw0-pn3Xc7",
};
let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-operators-"));
  await writeFile(join(dir, "ada.token"), `${strong.ada}\n`);
  await writeFile(join(dir, "weak.token"), "changeme");
});
afterAll(() => rm(dir, { recursive: true }));

async function load(operators: readonly object[], operatorToken?: string) {
  const operatorsFile = join(dir, "operators.yaml");
  await writeFile(operatorsFile, JSON.stringify({ operators }));
  return loadOperators({ operatorsFile, operatorToken }, { BOB: strong.bob });
}
const ada = { name: "ada", roles: ["approver"], tokenFile: "ada.token" };

describe("who may act", () => {
  test("the one shared token is an admin's", async () => {
    const operators = await loadOperators({ operatorToken: strong.shared }, {});
    expect(operators).toEqual([
      { name: "operator", roles: ["admin"], tokenSha256: hashed(strong.shared), isShared: true },
    ]);
  });

  test("the file names people with roles; tokens come hashed, from a file or the environment", async () => {
    const bob = { name: "bob", roles: ["operator"], tokenEnv: "BOB" };
    const root = { name: "root", roles: ["admin"], tokenSha256: hashed("x") };
    expect(await load([ada, bob, root])).toEqual([
      { name: "ada", roles: ["approver"], tokenSha256: hashed(strong.ada) },
      { name: "bob", roles: ["operator"], tokenSha256: hashed(strong.bob) },
      { name: "root", roles: ["admin"], tokenSha256: hashed("x") },
    ]);
  });

  test.for([
    ["nobody is an admin", [ada], undefined],
    ["is shorter than", [{ ...ada, tokenFile: "weak.token" }], strong.shared],
    ["cannot be read", [{ ...ada, tokenFile: "none" }], strong.shared],
    [
      "hash of nothing",
      [{ name: "eve", roles: ["viewer"], tokenSha256: hashed("") }],
      strong.shared,
    ],
    ["two operators are called ada", [ada, { ...ada, tokenFile: "ada.token" }], strong.shared],
    ["the same token", [ada, { ...ada, name: "bob" }], strong.shared],
    ["exactly one of", [{ ...ada, tokenEnv: "BOB" }], strong.shared],
    ["roles.0", [{ ...ada, roles: ["king"] }], strong.shared],
  ] as const)("is refused: %s", async ([reason, operators, shared]) => {
    const loading = load(operators, shared);
    await expect(loading).rejects.toThrow("COUNCIL_OPERATORS");
    await expect(loading).rejects.toThrow(reason);
    await expect(loading).rejects.not.toThrow(strong.ada);
  });
});
