/** How the demo sets Council up for the sample product. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Submission } from "@council/contracts";
import { digestOf } from "@council/evidence";
import type { DemoPatch } from "./patches/demo-patch.ts";
import type { Draft } from "./sample-repository.ts";
import type { BuilderPlan } from "./stack.ts";

export const repositoryId = "answers";

/** The repositories file: the default policy, with watches short enough to look at. JSON is YAML. */
export function repositoriesFile(bare: string): string {
  const policy = {
    builders: ["a", "b"],
    stages: [
      { name: "canary", branch: "council/canary", watchMinMs: 4000, watchMaxMs: 20_000 },
      { name: "target", watchMinMs: 9000, watchMaxMs: 30_000 },
    ],
    // What is put right is in use within a second.
    recoveryDelayMs: 2000,
    recoveryTimeoutMs: 20_000,
    // One sender submits five patches, four of them bad: usually it would wait after the first that is taken
    // back, and be stopped after the third.
    limits: { landingsPerDay: 100, cooldownMs: 0, quarantineReverts: 100 },
  };
  const repository = {
    id: repositoryId,
    remote: bare,
    targetBranch: "main",
    testCommand: ["node", "--test"],
    testTimeoutMs: 60_000,
    policy,
  };
  return `${JSON.stringify({ repositories: [repository] }, undefined, 2)}\n`;
}

/** Builder A replays recordings, builder B runs an agent in the sandbox. */
export async function demoBuilders(recordings: string): Promise<readonly BuilderPlan[]> {
  const agent = await readFile(join(import.meta.dirname, "patches", "agent.mjs"), "utf8");
  return [
    { slot: "a", provider: "recorded", family: "recorded", recordings },
    {
      slot: "b",
      provider: "command",
      family: "agent",
      // Given as text: no file of this machine has to be shown inside the sandbox.
      command: ["node", "--input-type=module", "--eval", agent],
    },
  ];
}

function taskOf({
  title,
  instructions,
}: DemoPatch): { title: string; instructions: string } | undefined {
  return instructions === undefined ? undefined : { title, instructions };
}

/** Records the render of a patch that is submitted as a task, where builder A looks for it. */
export async function recordRender(
  recordings: string,
  patch: DemoPatch,
  files: Draft["files"],
): Promise<void> {
  const task = taskOf(patch);
  if (task === undefined) return;
  await mkdir(recordings, { recursive: true });
  const explanation = { summary: patch.title, intent: patch.instructions };
  const recording = JSON.stringify({ files, explanation }, undefined, 2);
  await writeFile(join(recordings, `${digestOf(task)}.json`), recording);
}

/** What the author sends: a task, or a diff; with the paths it declares to touch. */
export function submissionOf(patch: DemoPatch, draft: Draft): Submission {
  const task = taskOf(patch);
  return {
    repository: repositoryId,
    base: draft.base,
    title: patch.title,
    author: patch.author,
    sheet: { paths: Object.keys(draft.files) },
    ...(task === undefined ? { diff: draft.diff } : { task }),
  };
}
