import { constants } from "node:fs";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failed, renderInTree, type Edit } from "./render-in-tree.ts";
import {
  parseExplanation,
  type Explanation,
  type RenderProvider,
  type RenderTask,
} from "./render-provider.ts";
import {
  runSandboxed,
  type ReadOnlyPath,
  type SandboxOutcome,
  type SandboxSearch,
} from "./sandbox.ts";

const EXPLANATION_FILE_MAX_BYTES = 64 * 1024;
const REASON_OUTPUT_MAX_LENGTH = 500;

export interface CommandProviderOptions {
  readonly name: string;
  /** Default: `name`. */
  readonly family?: string;
  /** Program and arguments, as seen inside the sandbox; no shell. */
  readonly command: readonly string[];
  readonly sandbox: SandboxSearch;
  readonly network?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly maxOutputBytes: number;
  readonly memoryBytes?: number;
  /** Where the program is installed, if not under /usr. */
  readonly readOnlyPaths?: readonly ReadOnlyPath[];
  /** What one run is charged, as the operator declares it; default 0. The program is not asked. */
  readonly costMicroUsd?: number;
}

/**
 * A provider that runs any program in the sandbox. The program edits the tree in `/workspace`, its
 * working directory, and exits with 0. It finds the task as JSON on its standard input and in the
 * file named by COUNCIL_TASK_FILE, and may write `{"summary", "intent"}` to the file named by
 * COUNCIL_EXPLANATION_FILE; one that is malformed or too long is dropped, not shortened.
 */
export function commandProvider(options: CommandProviderOptions): RenderProvider {
  const { name, family = name } = options;
  return {
    name,
    family,
    render: (task, signal) =>
      renderInTree({ name }, task, signal, () => runCommand(options, task, signal)),
  };
}

async function runCommand(
  options: CommandProviderOptions,
  task: RenderTask,
  signal: AbortSignal,
): Promise<Edit> {
  const exchangeDir = await mkdtemp(join(tmpdir(), "council-task-"));
  try {
    const inDir = join(exchangeDir, "in");
    const outDir = join(exchangeDir, "out");
    const taskJson = JSON.stringify(taskDocument(task));
    await Promise.all([mkdir(inDir), mkdir(outDir)]);
    await writeFile(join(inDir, "task.json"), taskJson);
    const outcome = await runSandboxed({
      sandbox: options.sandbox,
      command: options.command,
      dir: task.baseTreeDir,
      writable: true,
      network: options.network === true,
      env: {
        ...options.env,
        COUNCIL_TASK_FILE: "/task/task.json",
        COUNCIL_EXPLANATION_FILE: "/out/explanation.json",
      },
      stdin: taskJson,
      timeoutMs: task.timeoutMs,
      maxOutputBytes: options.maxOutputBytes,
      readOnlyPaths: [...(options.readOnlyPaths ?? []), { from: inDir, to: "/task" }],
      writablePaths: [{ from: outDir, to: "/out" }],
      signal,
      ...(options.memoryBytes === undefined ? {} : { memoryBytes: options.memoryBytes }),
    });
    const failure = failureOf(outcome, task.timeoutMs);
    if (failure !== undefined) return failure;
    const explanation = await readExplanation(join(outDir, "explanation.json"));
    return { kind: "edited", explanation, costMicroUsd: options.costMicroUsd ?? 0 };
  } finally {
    // What the program left in /out may resist removal; the render does not depend on it.
    await rm(exchangeDir, { recursive: true, force: true }).catch(() => {});
  }
}

/** What the program is told; host paths are none of its business. */
function taskDocument(task: RenderTask) {
  return {
    version: 1,
    taskId: task.taskId,
    title: task.title ?? "",
    instructions: task.instructions,
    files: task.files ?? [],
    paths: task.sheet?.paths ?? null,
    workspace: "/workspace",
    timeoutMs: task.timeoutMs,
  };
}

function failureOf(
  outcome: SandboxOutcome,
  timeoutMs: number,
): Extract<Edit, { kind: "failed" }> | undefined {
  switch (outcome.kind) {
    case "unavailable":
      return failed("sandbox-unavailable", outcome.reason);
    case "timed-out":
      return failed("timeout", `the command took longer than ${timeoutMs} ms`);
    case "killed":
      return outcome.cause === "aborted"
        ? failed("aborted", "aborted while the command ran")
        : failed("exit", `the command was ended by ${outcome.signal} (${outcome.cause})`);
    case "exited":
      if (outcome.exitCode === 0) return undefined;
      return failed("exit", `exit code ${outcome.exitCode}: ${lastWords(outcome)}`);
  }
}

function lastWords({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) {
  const output = stderr.trim() || stdout.trim();
  // The reason ends up in logs and on a page: no control characters from a program nobody trusts.
  return output.slice(-REASON_OUTPUT_MAX_LENGTH).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ");
}

async function readExplanation(path: string): Promise<Explanation | undefined> {
  try {
    // Neither a link out of the directory nor a pipe without a writer may hold the reader up.
    await using file = await open(
      path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const found = await file.stat();
    if (!found.isFile() || found.size > EXPLANATION_FILE_MAX_BYTES) return undefined;
    return parseExplanation(JSON.parse(await file.readFile("utf8")));
  } catch {
    // Absent, unreadable or no JSON: the render stands without an explanation.
    return undefined;
  }
}
