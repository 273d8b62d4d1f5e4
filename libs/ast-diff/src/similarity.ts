/** How alike two texts or programs look: for reading and ranking, never for a gate. */
import { isScript } from "./language.ts";
import { changedFeatures } from "./touches.ts";
import { emptyTree } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

const gramLength = 4;

/** A growing pair of texts. A class because the counts of many files add up. */
export class TokenSimilarity {
  readonly #surplus = new Map<string, number>();
  #total = 0;

  add(a: string, b: string): void {
    this.#count(a, 1);
    this.#count(b, -1);
  }

  #count(text: string, step: number): void {
    const tokens = text.match(/[\p{L}\p{N}_$]+|[^\s]/gu) ?? [];
    for (let at = 0; at < Math.max(1, tokens.length - gramLength + 1); at++) {
      const gram = tokens.slice(at, at + gramLength).join(" ");
      if (gram === "") continue;
      this.#surplus.set(gram, (this.#surplus.get(gram) ?? 0) + step);
      this.#total++;
    }
  }

  /** Dice over token 4-grams, 0–1: twice the common ones over all; 1 when there are none. */
  ratio(): number {
    let apart = 0;
    for (const value of this.#surplus.values()) apart += Math.abs(value);
    return this.#total === 0 ? 1 : (this.#total - apart) / this.#total;
  }
}

/** Jaccard over calls, imports, throws, conditions, members and literals, 0–1; 1 when there are none. */
export function semanticSimilarity(
  files: readonly { readonly path: string; readonly a: Tree; readonly b: Tree }[],
  interner: Interner,
): number {
  let [apart, all] = [0, 0];
  for (const { path, a, b } of files) {
    const language = isScript(path) ? "script" : "other";
    const amount = (from: Tree, to: Tree) =>
      changedFeatures(from, to, interner, language).reduce(
        (sum, { count }) => sum + Math.abs(count),
        0,
      );
    const between = amount(a, b);
    apart += between;
    all += (amount(emptyTree, a) + amount(emptyTree, b) + between) / 2;
  }
  return all === 0 ? 1 : 1 - apart / all;
}
