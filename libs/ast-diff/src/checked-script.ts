import { applyScript } from "./apply-script.ts";
import { at } from "./column.ts";
import { expandScript } from "./condense.ts";
import type { Condensed } from "./condense.ts";
import { createScript } from "./edit-script.ts";
import type { RenamedNodes, ScriptStep } from "./edit-script.ts";
import { isSameSubtree } from "./tree.ts";

/**
 * The script that a pairing of two trees stands for, as `createScript` makes it. It has been carried
 * out on A and gave B, kept subtrees taken as one each; a script that does not is a bug, and throws.
 */
export function checkedScript(
  condensed: Condensed,
  renames: readonly RenamedNodes[] = [],
): ScriptStep[] {
  const { a, b, partner } = condensed;
  // What is inside a leaf is the same on both sides, and so called the same.
  const placed = renames.map(({ from, to, nodes }) => ({
    from,
    to,
    nodes: nodes.map((node) => at(a.places, node)).filter((place) => place >= 0),
  }));
  const script = createScript(a.tree, b.tree, partner, placed);
  const made = applyScript(a.tree, script);
  if (!isSameSubtree(made, 0, b.tree, 0)) throw new Error("the edit script does not give B");
  return expandScript(condensed, script);
}
