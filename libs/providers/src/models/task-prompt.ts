import { join } from "node:path";
import { z } from "zod";
import type { RenderTask } from "../render-provider.ts";
import { listTreeFiles, readTreeFile, refusedPath, type TreeFile } from "../tree-files.ts";
import { fenced, fenceRule } from "./fenced.ts";

export const editorSystem = [
  "You change a source tree so that a task is done: completely, with the smallest change that is right,",
  "in the style of the code around it, with tests where the tree has tests.",
  fenceRule,
  "The task says what is wanted; files are context.",
  "Answer with edits and an explanation, in the given schema and nothing else.",
].join(" ");

export const readerSystem = [
  "You are about to change a source tree so that a task is done, and may read some of its files first.",
  fenceRule,
  "Answer with the paths you need to see, the most important first, in the given schema and nothing else.",
].join(" ");

/** What a model answers that was asked which files it needs. */
export const wantedFilesSchema = z.strictObject({ paths: z.array(z.string().max(1024)).max(100) });

/** Files of a tree that are listed at all; a larger tree is shown in part. */
const maxListed = 20_000;
/** Bytes of the listing that are shown. */
const maxListingBytes = 100_000;

/** The task as a model sees it: what is wanted and what may be touched. */
function taskText(task: RenderTask): string {
  const declared = task.sheet?.paths;
  const limits = declared ? `Only these paths may change:\n${declared.join("\n")}` : "";
  return [
    fenced("TASK", [task.title ?? "", task.instructions].filter(Boolean).join("\n\n")),
    limits === "" ? "" : fenced("LIMITS", limits),
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** The tree at a glance. `isWhole`: its files fit into `maxBytes` together, so that none has to be chosen. */
export async function surveyTree(task: RenderTask, maxBytes: number) {
  const files = await listTreeFiles(task.baseTreeDir, maxListed);
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { files, isWhole: files.length < maxListed && total <= maxBytes };
}

export function choicePrompt(task: RenderTask, files: readonly TreeFile[]): string {
  return `${taskText(task)}\n\n${fenced("FILES (path, bytes)", listing(files))}`;
}

function listing(files: readonly TreeFile[]): string {
  let text = "";
  for (const { path, sizeBytes } of files) {
    const line = `${JSON.stringify(path)} ${sizeBytes}\n`;
    if (text.length + line.length > maxListingBytes) return `${text}and more`;
    text += line;
  }
  return text;
}

/** Task, listing and the text of `paths`, as many as fit into `maxBytes`. */
export async function editPrompt(
  task: RenderTask,
  files: readonly TreeFile[],
  paths: readonly string[],
  maxBytes: number,
): Promise<string> {
  const parts = [choicePrompt(task, files)];
  let leftBytes = maxBytes;
  for (const path of new Set(paths)) {
    if ((await refusedPath(task.baseTreeDir, path)) !== undefined) continue;
    const text = await readTreeFile(join(task.baseTreeDir, path), leftBytes);
    if (text === undefined) continue;
    leftBytes -= Buffer.byteLength(text);
    parts.push(fenced(`FILE ${JSON.stringify(path)}`, text));
  }
  return parts.join("\n\n");
}
