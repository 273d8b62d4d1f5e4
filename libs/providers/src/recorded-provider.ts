import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { failed, renderInTree, type Edit } from "./render-in-tree.ts";
import {
  parseExplanation,
  type Explanation,
  type RenderProvider,
  type RenderTask,
} from "./render-provider.ts";
import { refusedPath, writeTreeFile } from "./tree-files.ts";

const RECORDING_MAX_BYTES = 8 * 1024 * 1024;
const RECORDING_MAX_FILES = 2_000;

export interface RecordedProviderOptions {
  readonly name: string;
  /** Default: `name`. */
  readonly family?: string;
  /** Holds one recording per task, `<taskId>.json`. */
  readonly dir: string;
}

interface Recording {
  /** New content by path; null deletes. */
  readonly files: ReadonlyMap<string, string | null>;
  readonly explanation: Explanation | undefined;
}

/**
 * A provider that replays `<dir>/<taskId>.json` = `{"files": {path: content | null},
 * "explanation"?: {"summary", "intent"}}`: for drills, tests and replays, at no cost. A recording
 * of more than 8 MiB or 2,000 files, or of another shape, is `recording-invalid`; a path that leads
 * out of the tree is a `path-violation`, found before anything is written.
 */
export function recordedProvider(options: RecordedProviderOptions): RenderProvider {
  const { name, family = name, dir } = options;
  return {
    name,
    family,
    render: (task, signal) =>
      renderInTree({ name }, task, signal, () => replay(join(dir, `${task.taskId}.json`), task)),
  };
}

async function replay(recordingFile: string, task: RenderTask): Promise<Edit> {
  const recording = await loadRecording(recordingFile);
  if ("kind" in recording) return recording;
  for (const path of recording.files.keys()) {
    const refusal = await refusedPath(task.baseTreeDir, path);
    if (refusal !== undefined) return failed("path-violation", refusal);
  }
  try {
    for (const [path, content] of recording.files) {
      await writeTreeFile(join(task.baseTreeDir, path), content);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return failed("recording-invalid", `the recording does not fit the tree: ${error.message}`);
  }
  return { kind: "edited", explanation: recording.explanation, costMicroUsd: 0 };
}

async function loadRecording(path: string): Promise<Recording | Extract<Edit, { kind: "failed" }>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return failed("recording-missing", "no recording of this task");
  if (!found.isFile() || found.size > RECORDING_MAX_BYTES) {
    return failed("recording-invalid", `the recording is no file of ${RECORDING_MAX_BYTES} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch {
    return failed("recording-invalid", "the recording is not JSON");
  }
  return parseRecording(value) ?? failed("recording-invalid", "the recording has another shape");
}

function parseRecording(value: unknown): Recording | undefined {
  if (typeof value !== "object" || value === null || !("files" in value)) return undefined;
  const { files, ...rest } = value;
  if (typeof files !== "object" || files === null || Array.isArray(files)) return undefined;
  const entries: [string, unknown][] = Object.entries(files);
  if (entries.length > RECORDING_MAX_FILES || !entries.every(isFileEntry)) return undefined;
  const others = Object.keys(rest);
  if (others.length === 0) return { files: new Map(entries), explanation: undefined };
  if (!("explanation" in rest) || others.length > 1) return undefined;
  const explanation = parseExplanation(rest.explanation);
  return explanation === undefined ? undefined : { files: new Map(entries), explanation };
}

function isFileEntry(entry: [string, unknown]): entry is [string, string | null] {
  return typeof entry[1] === "string" || entry[1] === null;
}
