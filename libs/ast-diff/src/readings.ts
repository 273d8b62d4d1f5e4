import { createKindTable } from "./kind-table.ts";
import type { KindTable } from "./kind-table.ts";
import { createSyntaxReader } from "./read-syntax.ts";
import type { ReadSyntax } from "./read-syntax.ts";
import type { Tree } from "./tree.ts";

/**
 * What several calls have read of the same texts: each text is parsed once per path, by whichever call
 * comes first. For calls with the same caps alone, since a text that was within them is not asked again.
 */
export interface Readings {
  readonly kinds: KindTable;
  readonly read: ReadSyntax;
  /** The tree of a text that was read in full by the parser a verdict rests on. */
  readonly find: (path: string, text: string) => Tree | undefined;
  readonly keep: (path: string, text: string, tree: Tree) => void;
}

/** Nothing read yet. Holds every tree it is given, so it should end with the comparison it serves. */
export function createReadings(): Readings {
  const kinds = createKindTable();
  const trees = new Map<string, Map<string, Tree>>();
  return {
    kinds,
    read: createSyntaxReader(kinds),
    find: (path, text) => trees.get(path)?.get(text),
    keep(path, text, tree) {
      const versions = trees.get(path) ?? new Map<string, Tree>();
      trees.set(path, versions.set(text, tree));
    },
  };
}
