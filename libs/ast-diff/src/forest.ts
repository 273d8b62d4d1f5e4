import type { EscalationReason, Limits } from "./caps.ts";
import type { FileVersion } from "./comparison.ts";
import { createKindTable } from "./kind-table.ts";
import { readNormalForm } from "./normal-form.ts";
import type { Parse } from "./parsers.ts";
import { createSyntaxReader } from "./read-syntax.ts";
import { withKinds } from "./tree-writer.ts";
import { emptyTree } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Why a file stopped the whole measurement. */
export interface Refusal {
  readonly reason: EscalationReason;
  readonly path?: string;
}

/** The normal forms of one call, each text read once per path. */
export interface Forest {
  /** Reads a version; the answer says why it cannot be read. */
  readonly load: (path: string, text: FileVersion) => Refusal | undefined;
  /** The tree of a version that was loaded; the absent file is the empty tree. */
  readonly treeOf: (path: string, text: FileVersion) => Tree;
  readonly nodeCount: () => number;
}

export function createForest(parse: Parse, limits: Limits): Forest {
  const trees = new Map<string, Map<string, Tree>>();
  const kinds = createKindTable();
  const read = createSyntaxReader(kinds);
  let nodes = 0;
  return {
    nodeCount: () => nodes,
    load(path, text) {
      const versions = trees.get(path) ?? new Map<string, Tree>();
      trees.set(path, versions);
      if (text === undefined || versions.has(text)) return undefined;
      const form = readNormalForm(parse, path, text, limits, read);
      if (form.kind === "failed") return { reason: form.reason, path };
      versions.set(text, withKinds(form.tree, kinds));
      nodes += form.tree.length;
      return undefined;
    },
    treeOf(path, text) {
      if (text === undefined) return emptyTree;
      const tree = trees.get(path)?.get(text);
      // An unread file must never look like an absent one: that would be a difference unseen.
      if (!tree) throw new Error(`not loaded: ${path}`);
      return tree;
    },
  };
}
