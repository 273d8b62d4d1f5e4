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
    [["stop", "a"], ["author"]],
    [
      ["submit", "--tier", "d"],
      ["docs", "destructive", "data"],
    ],
    // No command and no option, or a value that is free: the shell completes files.
    [["submit", "--declare", "s"], []],
    [["verify", "bundle.j"], []],
  ])("%j is completed to %j", (words, right) => {
    expect(offered(...words)).toEqual(right);
  });

  test("every command is offered, and council sta begins with status", () => {
    expect(offered("")).toEqual(expect.arrayContaining(commands.map(({ name }) => name)));
    expect(offered("sta")).toEqual(["status"]);
  });
});

test("zsh and fish have every command, option and value with what it is for", () => {
  for (const { name, about } of commands) {
    expect(zsh).toContain(
      `'${name}:${about.replaceAll(/:/g, String.raw`\:`).replaceAll("'", String.raw`'\''`)}'`,
    );
    expect(fish).toContain(`complete -c council -n 'test (__council_place) = ""' -a ${name} -d `);
  }
  expect(zsh).toContain(`" submit --tier") compadd -- docs service destructive data; return ;;`);
  // A shell whose start files have not set completion up yet does so for itself.
  expect(zsh).toContain("(( $+functions[compdef] )) ||");
  const status = `complete -c council -n 'test (__council_place) = " status"'`;
  expect(fish).toContain(`${status} -l state -r -d `);
  expect(fish).toContain(`" submit"' -l tier -x -a 'docs service destructive data' -d `);
});

test("another shell is refused with those there are", async () => {
  const { code, err } = await runCouncil(["completion", "tcsh"]);
  expect([code, err]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
});
