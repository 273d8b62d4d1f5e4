import { failed, renderInTree, type Edit } from "../render-in-tree.ts";
import type { RenderProvider, RenderTask } from "../render-provider.ts";
import {
  type ModelAnswer,
  type ModelClient,
  type ModelQuestion,
  suspensionBy,
} from "./model-client.ts";
import { applyEdits, changeSchema, type ModelChange } from "./model-edit.ts";
import {
  choicePrompt,
  editorSystem,
  editPrompt,
  readerSystem,
  surveyTree,
  wantedFilesSchema,
} from "./task-prompt.ts";

export interface ModelProviderOptions {
  readonly name: string;
  readonly client: ModelClient;
  /** Limit of one answer, reasoning included; it decides what a render may cost at most. */
  readonly maxOutputTokens: number;
  /** Bytes of source text that may be shown in one question. */
  readonly maxContextBytes: number;
}

/** Longest answer that is read, characters. */
const maxReplyChars = 2_000_000;

/**
 * A provider that lets a model write the change, as edits in a closed schema that are applied to the
 * private tree. It sees the task, the declared paths and files of the tree; of a tree that does not fit
 * it first names the files it needs. It has no tools, and nothing it answers is run.
 */
export function modelProvider(options: ModelProviderOptions): RenderProvider {
  const { name, client } = options;
  return {
    name,
    family: client.family,
    render: (task, signal) =>
      renderInTree({ name }, task, signal, () => editByModel(options, task, signal)),
  };
}

async function editByModel(
  options: ModelProviderOptions,
  task: RenderTask,
  outer: AbortSignal,
): Promise<Edit> {
  const { client, maxContextBytes } = options;
  const startedAt = performance.now();
  const left = () => Math.max(1, Math.ceil(task.timeoutMs - (performance.now() - startedAt)));
  const common = {
    maxReplyChars,
    maxOutputTokens: options.maxOutputTokens,
    spender: spenderOf(options.name, task),
  };
  const { files, isWhole } = await surveyTree(task, maxContextBytes);
  let costMicroUsd = 0;
  let paths = [...(task.files ?? []), ...(isWhole ? files.map(({ path }) => path) : [])];
  if (!isWhole) {
    const wanted = await client.ask(
      {
        ...common,
        system: readerSystem,
        user: choicePrompt(task, files),
        schemaName: "council_files",
        schema: wantedFilesSchema,
        timeoutMs: left(),
      },
      outer,
    );
    if (wanted.kind === "failed") return failureOf(options.name, wanted);
    costMicroUsd += wanted.costMicroUsd;
    paths = [...paths, ...wanted.value.paths];
  }
  const question: ModelQuestion<ModelChange> = {
    ...common,
    system: editorSystem,
    user: await editPrompt(task, files, paths, maxContextBytes),
    schemaName: "council_change",
    schema: changeSchema,
    timeoutMs: left(),
  };
  const answer = await client.ask(question, outer);
  if (answer.kind === "failed") return failureOf(options.name, answer);
  const applied = await applyEdits(task.baseTreeDir, answer.value.edits);
  if (applied.kind === "refused") return failed(applied.code, applied.reason);
  const { explanation } = answer.value;
  return { kind: "edited", explanation, costMicroUsd: costMicroUsd + answer.costMicroUsd };
}

function spenderOf(name: string, task: RenderTask) {
  const { repository, sender, patchId } = task.account ?? unknownAccount;
  return { callId: `${patchId}/${name}`, head: name, repository, sender, patchId };
}

/** A task outside of any patch, as in a trial run. */
const unknownAccount = { repository: "none", sender: "none", patchId: "none" };

function failureOf(head: string, failure: ModelAnswer<unknown> & { kind: "failed" }): Edit {
  const { code, reason } = failure;
  const suspension = suspensionBy(failure);
  if (suspension) return { ...failed(code, reason), suspension: { head, ...suspension } };
  return code === "model-timeout" ? failed("timeout", reason) : failed(code, reason);
}
