import type {
  Explanation,
  RenderFailure,
  RenderFailureCode,
  RenderProvider,
  RenderResult,
  RenderTask,
} from "./render-provider.ts";
import { isTaskId } from "./render-provider.ts";
import { readTree } from "./read-tree.ts";
import { refusedChange } from "./refused-change.ts";

/** What an edit reports; whether it changed anything, and only what it may, is measured, not told. */
export type Edit =
  | {
      readonly kind: "edited";
      readonly explanation: Explanation | undefined;
      readonly costMicroUsd: number;
    }
  | RenderFailure;

/** Runs `edit` on the task's tree and judges the tree it leaves behind. */
export async function renderInTree(
  provider: Pick<RenderProvider, "name">,
  task: RenderTask,
  signal: AbortSignal,
  edit: () => Promise<Edit>,
): Promise<RenderResult> {
  const startedAt = performance.now();
  if (signal.aborted) return failed("aborted", "aborted before the start");
  if (!isTaskId(task.taskId)) return failed("path-violation", "the task id is no plain name");
  const before = await readTree(task.baseTreeDir);
  if (before.kind === "refused") return failed("path-violation", before.reason);

  const edited = await edit();
  if (edited.kind === "failed") return edited;

  const after = await readTree(task.baseTreeDir);
  if (after.kind === "refused") return failed("path-violation", after.reason);
  const changes = [...new Set([...before.entries.keys(), ...after.entries.keys()])]
    .filter((path) => before.entries.get(path)?.digest !== after.entries.get(path)?.digest)
    .map((path) => ({ path, entry: after.entries.get(path) }));
  if (changes.length === 0) return failed("no-change", "nothing in the tree changed");
  const refusal = refusedChange(changes, task.sheet?.paths);
  if (refusal !== undefined) return failed("path-violation", refusal);
  return {
    kind: "rendered",
    ...(edited.explanation === undefined ? {} : { explanation: edited.explanation }),
    provider: provider.name,
    durationMs: performance.now() - startedAt,
    costMicroUsd: edited.costMicroUsd,
  };
}

/** A failed render or edit. */
export function failed(code: RenderFailureCode, reason: string): RenderFailure {
  return { kind: "failed", code, reason };
}
