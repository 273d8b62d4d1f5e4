import type { Limits } from "../caps.ts";
import type { NormalForm } from "../normal-form.ts";
import { createTreeBuilder } from "../tree.ts";

/**
 * A text without a grammar, line by line. It says which lines differ and nothing of what they mean,
 * so it is never the ground of a verdict.
 */
export function readText(text: string, limits: Limits): NormalForm {
  const lines = text.split("\n");
  const isEnded = lines.at(-1) === "";
  if (isEnded) lines.pop();
  if (lines.length >= limits.maxNodes) return { kind: "failed", reason: "too-large" };
  const builder = createTreeBuilder();
  const label = isEnded ? "" : "no end of line at the end";
  const root = builder.add(-1, "text", "", label, 1, 0, text.length);
  let start = 0;
  for (const [at, line] of lines.entries()) {
    builder.add(root, "line", "", line, at + 1, start, start + line.length);
    start += line.length + 1;
  }
  return { kind: "parsed", tree: builder.finish() };
}
