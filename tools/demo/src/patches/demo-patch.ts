/** One change of a file of the sample product. */
export interface FileEdit {
  readonly path: string;
  /** From the text before (empty for a new file) to the text after. */
  readonly edit: (before: string) => string;
}

/** How a patch of the demo must end. */
export type Ending =
  | { readonly kind: "settled" }
  | {
      readonly kind: "reverted";
      /** The measure that gives it away. */
      readonly metric: "latency" | "cost" | "accuracy" | "coverage";
      readonly stage: "canary" | "target";
    };

/** A patch for the sample product, as its author describes it. */
export interface DemoPatch {
  readonly key: string;
  readonly title: string;
  readonly author: string;
  /** Given: Council's builders render it. Absent: it is submitted as a diff. */
  readonly instructions?: string;
  readonly edits: readonly FileEdit[];
  /** What really is wrong with it, for the summary. */
  readonly flaw: string;
  readonly ending: Ending;
}

/** The text with `from`, which must occur exactly once, replaced. Throws otherwise. */
export function replaceOnce(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(
      `the sample has changed: ${JSON.stringify(from)} occurs ${parts.length - 1} times`,
    );
  return parts.join(to);
}
