import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery, Outcome } from "@council/bus";
import { answer, type Assignment, readAssignment } from "@council/contracts";
import type { Slot, Suspension } from "@council/domain";
import { digestOf, sha256Hex } from "@council/evidence";
import {
  applyDiff,
  captureTree,
  fetchCommit,
  hasCommit,
  isObjectId,
  materialise,
  type Mirrors,
  treeOf,
} from "@council/git";
import { type RenderProvider, removeTree } from "@council/providers";
import { redactText } from "@council/runtime";

export interface Rendering {
  readonly slot: Slot;
  readonly provider: RenderProvider;
  readonly mirrors: Mirrors;
  readonly timeoutMs: number;
}

/**
 * Lets the provider edit a private copy of the base, and answers with what it changed as a diff. What
 * a provider cannot do is a failed render, never a failed message: the patch decides what that means.
 */
export async function renderTask(
  rendering: Rendering,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Outcome> {
  const assignment = readAssignment(delivery.message.body, ["render"]);
  if (!assignment) throw new Error(`not a render: ${delivery.message.type}`);
  const dir = await mkdtemp(join(tmpdir(), "council-render-"));
  try {
    return await renderIn(rendering, delivery, assignment, dir, signal);
  } finally {
    await removeTree(dir);
  }
}

async function renderIn(
  { slot, provider, mirrors, timeoutMs }: Rendering,
  delivery: Delivery,
  { patch, effect }: Assignment<"render">,
  dir: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const mirror = await mirrors(patch.repository);
  const fetched = await fetchCommit(mirror, effect.base);
  if (fetched.kind === "unreachable") throw new Error(`repository unreachable: ${fetched.reason}`);
  const fail = (text: string, suspension?: Suspension) => {
    const reason = redactText(text).slice(0, maxReason);
    const unpaid = suspension ? { suspension } : {};
    return answer(delivery.message, { type: "fail-render", slot, reason, ...unpaid });
  };
  if (!isObjectId(effect.base) || !(await hasCommit(mirror, effect.base)))
    return fail("unknown-base: the base is no commit of the repository");
  const written = await materialise(mirror, await treeOf(mirror, effect.base), dir);
  if (written.kind === "refused") return fail(written.reason);
  const { title, instructions } = effect.task;
  const sheet = patch.sheet ? { sheet: { paths: patch.sheet.paths } } : {};
  const task = {
    taskId: digestOf(effect.task),
    title,
    instructions,
    baseTreeDir: dir,
    timeoutMs,
    account: {
      patchId: patch.id,
      repository: patch.repository,
      sender: patch.sender ?? patch.author,
    },
    ...sheet,
  };
  const result = await provider.render(task, signal);
  if (result.kind === "failed") return fail(`${result.code}: ${result.reason}`, result.suspension);
  const captured = await captureTree(mirror, {
    base: effect.base,
    dir,
    isIgnored: isDependencyFolder,
  });
  if (captured.kind === "refused") return fail(captured.reason);
  if (captured.changes.length === 0) return fail("no-change: the render equals the base");
  const bytes = Buffer.from(captured.diff);
  // The diff is all that goes on from here: it must say everything the render did.
  const applied = await applyDiff(mirror, { base: effect.base, diff: bytes });
  if (applied.kind === "refused") return fail(`${applied.code}: ${applied.reason}`);
  if (applied.tree !== captured.tree)
    return fail("not-text: the render cannot be written as a text diff");
  const digest = sha256Hex(bytes);
  const { provider: name } = result;
  const explanation = result.explanation
    ? { explanation: redactText(result.explanation.summary).slice(0, maxReason) }
    : {};
  const render = { slot, diff: digest, provider: name, family: provider.family, ...explanation };
  return {
    ...answer(delivery.message, { type: "record-render", slot, render }),
    blobs: [{ digest, bytes }],
  };
}

/** Longest reason the patch takes, characters. */
const maxReason = 4000;

const isDependencyFolder = (path: string) => path.split("/").includes("node_modules");
