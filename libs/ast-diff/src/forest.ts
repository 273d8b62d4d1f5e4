import type { EscalationReason, Limits } from "./caps.ts";
import type { FileVersion } from "./comparison.ts";
import { readNormalForm } from "./normal-form.ts";
import type { Parse } from "./parsers.ts";
import { createReadings } from "./readings.ts";
import type { Readings } from "./readings.ts";
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

/** `readings`: what calls before this one have read, and where it leaves what it reads itself. */
export function createForest(
  parse: Parse,
  limits: Limits,
  readings: Readings = createReadings(),
): Forest {
  const trees = new Map<string, Map<string, Tree>>();
  let nodes = 0;
  const read = (path: string, text: string): Tree | EscalationReason => {
    const known = readings.find(path, text);
    if (known) return known;
    const form = readNormalForm(parse, path, text, limits, readings.read);
    if (form.kind === "failed") return form.reason;
    const tree = withKinds(form.tree, readings.kinds);
    readings.keep(path, text, tree);
    return tree;
  };
  return {
    nodeCount: () => nodes,
    load(path, text) {
      const versions = trees.get(path) ?? new Map<string, Tree>();
      trees.set(path, versions);
      if (text === undefined || versions.has(text)) return undefined;
      const tree = read(path, text);
      if (typeof tree === "string") return { reason: tree, path };
      versions.set(text, tree);
      nodes += tree.length;
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
