import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "./commands.ts";
import { runCouncil } from "./testing/run-council.ts";

let [bash, zsh, fish] = ["", "", ""];

beforeAll(async () => {
  const script = async (shell: string) => (await runCouncil(["completion", shell])).out;
  [bash, zsh, fish] = await Promise.all([script("bash"), script("zsh"), script("fish")]);
}, 60_000);

/** What a real bash offers for the last of the words. */
function offered(...words: readonly string[]): string[] {
  const typed = ["council", ...words].map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _council; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync("bash", ["--norc", "-c", `${bash}\n${ask}`], { encoding: "utf8" });
  return out.split("\n").filter((line) => line !== "");
}

describe("completion in bash", () => {
  test.each<[readonly string[], readonly string[]]>([
    [["stat"], ["status"]],
    [["dlq", "re"], ["redrive"]],
    [["status", "--st"], ["--state"]],
    [["status", "p01-aaaa", "--li"], ["--limit"]],
    // No command and no option: the shell completes files.
    [["verify", "bundle.j"], []],
  ])("%j is completed to %j", (words, right) => {
    expect(offered(...words)).toEqual(right);
  });

  test("every command is offered, and council sta begins with status", () => {
    expect(offered("")).toEqual(expect.arrayContaining(commands.map(({ name }) => name)));
    expect(offered("sta")).toEqual(["status"]);
  });
});

test("zsh has the same through its own bash completion; fish has every command with what it is for", () => {
  expect(zsh).toBe(`autoload -U +X bashcompinit && bashcompinit\n${bash}`);
  for (const { name } of commands) expect(fish).toContain(`'__fish_use_subcommand' -a ${name} -d `);
  expect(fish).toContain("'__fish_seen_subcommand_from status' -l state -d ");
});

test("another shell is refused with those there are", async () => {
  const { code, err } = await runCouncil(["completion", "tcsh"]);
  expect([code, err]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
});
