import { join } from "node:path";
import { z } from "zod";
import { EXPLANATION_MAX_LENGTH } from "../render-provider.ts";
import { readTreeFile, refusedPath, writeTreeFile } from "../tree-files.ts";

const words = z.string().min(1).max(EXPLANATION_MAX_LENGTH);
const editSchema = z.strictObject({
  path: z.string().min(1).max(1024).describe("path of the file, relative to the root of the tree"),
  action: z
    .enum(["write", "replace", "delete"])
    .describe("write: the whole file; replace: one passage of it; delete: the file"),
  search: z
    .string()
    .max(100_000)
    .nullable()
    .describe("replace: the passage, copied exactly, found once in the file; otherwise null"),
  content: z
    .string()
    .max(1_000_000)
    .nullable()
    .describe("write: the new file; replace: the new passage; delete: null"),
});

/** What a model answers that was asked for a change. */
export const changeSchema = z.strictObject({
  edits: z.array(editSchema).max(200),
  explanation: z.strictObject({
    summary: words.describe("what the change does"),
    intent: words.describe("why it does what was asked"),
  }),
});
export type ModelChange = z.infer<typeof changeSchema>;
type ModelEdit = z.infer<typeof editSchema>;

/** Largest file a passage is replaced in, bytes. */
const maxFileBytes = 4 * 1024 * 1024;

export type Applied =
  | { readonly kind: "applied" }
  | {
      readonly kind: "refused";
      readonly code: "path-violation" | "invalid-edit";
      readonly reason: string;
    };

/** Makes the edits in the tree, in their order. P10: a path that leads out of it ends the attempt. */
export async function applyEdits(treeDir: string, edits: readonly ModelEdit[]): Promise<Applied> {
  for (const edit of edits) {
    const refusal = await refusedPath(treeDir, edit.path);
    if (refusal !== undefined) return { kind: "refused", code: "path-violation", reason: refusal };
  }
  for (const edit of edits) {
    const fault = await applyEdit(treeDir, edit).catch((error: unknown) => {
      if (error instanceof Error && "code" in error)
        return `cannot be written (${String(error.code)})`;
      throw error;
    });
    if (fault === undefined) continue;
    return {
      kind: "refused",
      code: "invalid-edit",
      reason: `${edit.action} ${edit.path}: ${fault}`,
    };
  }
  return { kind: "applied" };
}

async function applyEdit(treeDir: string, edit: ModelEdit): Promise<string | undefined> {
  const { action, search, content } = edit;
  const path = join(treeDir, edit.path);
  switch (action) {
    case "delete":
      await writeTreeFile(path, null);
      return undefined;
    case "write":
      if (content === null) return "has no content";
      await writeTreeFile(path, content);
      return undefined;
    case "replace": {
      if (content === null || search === null || search === "") return "has no passage to replace";
      const text = await readTreeFile(path, maxFileBytes);
      if (text === undefined) return "is no text file of the tree";
      const at = text.indexOf(search);
      if (at < 0) return "the passage is not in the file";
      if (text.includes(search, at + 1)) return "the passage is in the file more than once";
      await writeTreeFile(path, text.slice(0, at) + content + text.slice(at + search.length));
      return undefined;
    }
  }
}
