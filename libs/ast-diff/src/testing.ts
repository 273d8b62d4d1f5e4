/** The engine taken apart, for benchmarks: each phase by itself. No service uses it. */
export { applyScript } from "./apply-script.ts";
export { startLimits } from "./caps.ts";
export { checkedScript } from "./checked-script.ts";
export { condense } from "./condense.ts";
export { costOf, matchEitherWay, measureDistance } from "./distance.ts";
export { createScript } from "./edit-script.ts";
export type { ScriptStep } from "./edit-script.ts";
export { planExactMatch } from "./exact-match.ts";
export { findMoves } from "./find-moves.ts";
export { createKindTable } from "./kind-table.ts";
export type { KindTable } from "./kind-table.ts";
export { normalForm } from "./normal-form.ts";
export { loadParsers } from "./parsers.ts";
export type { Parse } from "./parsers.ts";
export { createSyntaxReader } from "./read-syntax.ts";
export { TreeWriter, withKinds } from "./tree-writer.ts";
export { childrenOf, isSameSubtree, labelOf, sizeOf, typeOf } from "./tree.ts";
export type { Tree } from "./tree.ts";
