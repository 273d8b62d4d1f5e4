import type { Suspension } from "@council/domain";
import type { ModelFailureCode } from "./models/model-answer.ts";

/** What a provider says about its own change. Two fixed fields, so that it can be digested. */
export interface Explanation {
  readonly summary: string;
  readonly intent: string;
}

/** Longest `summary` or `intent`, in UTF-16 code units. */
export const EXPLANATION_MAX_LENGTH = 2_000;

/** One request to render a change. */
export interface RenderTask {
  /** 1–128 characters of `A-Z a-z 0-9 . _ -`, not starting with a dot. */
  readonly taskId: string;
  readonly title?: string;
  readonly instructions: string;
  /** Paths worth reading first; a hint, not a limit. */
  readonly files?: readonly string[];
  /** A private directory that already holds the base tree; the provider edits it in place. */
  readonly baseTreeDir: string;
  readonly timeoutMs: number;
  /** What the author declares: glob patterns of the paths that may change; absent = any. */
  readonly sheet?: { readonly paths?: readonly string[] };
  /** Whose money a paid render spends. */
  readonly account?: {
    readonly patchId: string;
    readonly repository: string;
    readonly sender: string;
  };
}

export type RenderFailureCode =
  | "aborted"
  | "timeout"
  | "exit"
  | "sandbox-unavailable"
  | "no-change"
  | "recording-missing"
  | "recording-invalid"
  | "path-violation"
  /** A model's edit that does not fit the tree. */
  | "invalid-edit"
  | ModelFailureCode;

/** After `failed` the tree may be half edited: the caller throws it away. */
export type RenderResult =
  | {
      readonly kind: "rendered";
      readonly explanation?: Explanation;
      readonly provider: string;
      readonly durationMs: number;
      readonly costMicroUsd: number;
    }
  | RenderFailure;

export interface RenderFailure {
  readonly kind: "failed";
  readonly reason: string;
  readonly code: RenderFailureCode;
  /** Who may not spend, and until when: it failed for want of money. */
  readonly suspension?: Suspension;
}

/** Turns a task into an edited tree. Never rejects because of what the task or the tree holds. */
export interface RenderProvider {
  readonly name: string;
  /** Providers of one family share their errors; two renders of one family are not independent. */
  readonly family: string;
  render(task: RenderTask, signal: AbortSignal): Promise<RenderResult>;
}

/**
 * The explanation in `value`, trimmed, or nothing unless it is exactly
 * `{summary, intent}`, both non-empty text of at most `EXPLANATION_MAX_LENGTH`.
 */
export function parseExplanation(value: unknown): Explanation | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 2) {
    return undefined;
  }
  if (!("summary" in value) || !("intent" in value)) return undefined;
  const summary = explanationText(value.summary);
  const intent = explanationText(value.intent);
  return summary === undefined || intent === undefined ? undefined : { summary, intent };
}

function explanationText(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > EXPLANATION_MAX_LENGTH) return undefined;
  const text = value.trim();
  return text === "" || !text.isWellFormed() ? undefined : text;
}

/** True for an id that is safe as the name of one file. */
export function isTaskId(taskId: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(taskId);
}
