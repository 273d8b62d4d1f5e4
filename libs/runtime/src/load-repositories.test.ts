import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultPolicy } from "@council/domain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadRepositories } from "./load-repositories.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-repositories-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function load(text: string) {
  const path = join(dir, "repositories.yaml");
  await writeFile(path, text);
  return await loadRepositories(path);
}

describe("the repositories file", () => {
  test("is YAML or JSON; what is left out has a default", async () => {
    const yaml = await load(
      "repositories:\n  - id: shop/web\n    remote: https://git.example.com/web.git\n",
    );
    expect([...yaml.keys()]).toEqual(["shop/web"]);
    expect(yaml.get("shop/web")).toMatchObject({
      targetBranch: "main",
      testTimeoutMs: 300_000,
      policy: {},
    });
    const json = {
      repositories: [{ id: "a", remote: "/srv/a.git", testCommand: ["node", "--test"] }],
    };
    expect((await load(JSON.stringify(json))).get("a")?.testCommand).toEqual(["node", "--test"]);
  });

  test.each([
    ["no repository", "repositories: []", /repositories/],
    [
      "an unknown field",
      "repositories:\n  - {id: a, remote: /a, speed: 9}",
      /repositories\.0.*speed/,
    ],
    ["no remote", "repositories:\n  - {id: a}", /repositories\.0\.remote/],
    ["an id with blanks in it", "repositories:\n  - {id: a b, remote: /a}", /repositories\.0\.id/],
    [
      "an id used twice",
      "repositories:\n  - {id: a, remote: /a}\n  - {id: a, remote: /b}",
      /a: used twice/,
    ],
    ["something else", "just text", /COUNCIL_REPOSITORIES/],
    ["nothing", "", /COUNCIL_REPOSITORIES/],
  ])("with %s is refused by name", async (_, text, reason) => {
    const refusal = {
      code: "configuration-refused",
      message: expect.stringMatching(reason) as string,
    };
    await expect(load(text)).rejects.toMatchObject(refusal);
  });

  test("that is not there is refused with its place", async () => {
    const refusal = {
      code: "configuration-refused",
      message: expect.stringContaining("absent.yaml") as string,
    };
    await expect(loadRepositories(join(dir, "absent.yaml"))).rejects.toMatchObject(refusal);
  });

  test("a policy may stand in a file of its own, beside the repositories file", async () => {
    await writeFile(join(dir, "shop.yaml"), "autonomy: recommend\nmaxRebases: 2\n");
    const text = "repositories:\n  - {id: shop, remote: /s, policyFile: shop.yaml}\n";
    const loaded = await load(text);
    expect(loaded.get("shop")?.policy).toEqual({ autonomy: "recommend", maxRebases: 2 });
  });

  test("every fault of every policy file comes at once, with field and remedy", async () => {
    await writeFile(join(dir, "bad.yaml"), "autonomy: maybe\nmaxRebase: 2\n");
    const bomb = Array.from({ length: 12 }, (_, at) =>
      at === 0 ? "a0: &a0 [1,1,1,1,1,1,1,1,1]" : `a${at}: &a${at} [${`*a${at - 1},`.repeat(9)}]`,
    );
    await writeFile(join(dir, "bomb.yaml"), bomb.join("\n"));
    const text = `repositories:
  - {id: a, remote: /a, policyFile: bad.yaml}
  - {id: b, remote: /b, policyFile: absent-policy.yaml}
  - {id: c, remote: /c, policyFile: bad.yaml, policy: {maxRebases: 1}}
  - {id: d, remote: /d, policyFile: bomb.yaml}
`;
    const refusal = await load(text).catch((error: unknown) => String(error));
    expect(refusal).toContain("a: autonomy: ");
    expect(refusal).toContain("use one of observe, recommend, auto-safe, auto-all");
    expect(refusal).toContain("a: maxRebase: is not a field here; remove it");
    expect(refusal).toContain("absent-policy.yaml: cannot be read");
    expect(refusal).toContain("c: policyFile: there is a policy here already");
    expect(refusal).toContain("too many aliases");
  });

  test("P2: a policy that could never hold is refused, every fault at once", async () => {
    const seats = defaultPolicy.seats.map((seat) => ({ ...seat, family: "one" }));
    const policy = { seats, stages: [{ name: "target", watchMinMs: 9, watchMaxMs: 1 }] };
    const text = JSON.stringify({ repositories: [{ id: "a", remote: "/a", policy }] });
    await expect(load(text)).rejects.toThrow(
      /a: seats: two seats of the family "one".*a: stages: "target" ends/,
    );
  });
});
