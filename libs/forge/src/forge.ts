import type { ForgeKind } from "@council/contracts";

/**
 * The port to a forge: what Council reads of a proposed change, and what it says about it there.
 *
 * A forge is never believed about what lands: trees are recomputed from git. Every write looks first at
 * what is there, so that doing it again changes nothing (P1). Methods throw ForgeError.
 */
export interface Forge {
  readonly kind: ForgeKind;
  readonly project: string;
  /** Whether landings on the target branch are merges the forge makes. */
  readonly isMerging: boolean;
  readChange(number: number): Promise<Change>;
  /** The labels of a change, each with who set it last and what that person may do there. */
  readLabels(number: number): Promise<readonly Label[]>;
  /** Open changes, by number, at most `maxOpenChanges`. */
  listOpen(): Promise<readonly Change[]>;
  /** Brings status, annotations, the one comment of the change and its notice up to the report. */
  report(number: number, report: Report): Promise<void>;
  merge(number: number, request: MergeRequest): Promise<MergeOutcome>;
}

export const maxOpenChanges = 1000;

export interface Change {
  readonly number: number;
  readonly state: "open" | "closed" | "merged";
  /** The commit proposed now. */
  readonly head: string;
  readonly targetBranch: string;
  readonly title: string;
  readonly author: string;
  /** When anything of it last changed, milliseconds since 1970; 0 when the forge does not say. */
  readonly updatedAt: number;
}

/** What somebody may do in a project, from least to most. */
export const roles = ["none", "read", "triage", "write", "maintain", "admin"] as const;
export type Role = (typeof roles)[number];

export interface Label {
  readonly name: string;
  /** Absent when the forge does not say who set it. */
  readonly setBy?: string;
  readonly role: Role;
}

/** Whether a label stands there by the word of somebody who may give it. Anyone with triage can label. */
export function isLabelled(labels: readonly Label[], name: string, atLeast: Role): boolean {
  const needed = roles.indexOf(atLeast);
  return labels.some((label) => label.name === name && roles.indexOf(label.role) >= needed);
}

export type ReportStatus = "running" | "success" | "failure" | "waiting" | "neutral";

export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly level: "notice" | "warning" | "failure";
  readonly title: string;
  readonly message: string;
}

/** What Council says about one patch at one moment. */
export interface Report {
  readonly patchId: string;
  /** The commit it is about; a change that has moved on gets nothing of it. */
  readonly head: string;
  readonly status: ReportStatus;
  /** One line. */
  readonly title: string;
  /** Markdown. Text of the patch is quoted in it already. */
  readonly summary: string;
  /** In a fixed order: a longer report begins with what the shorter one held. */
  readonly annotations: readonly Annotation[];
  /** False leaves the comment alone: a later patch of the same change speaks there. */
  readonly isNewest: boolean;
  /** Said once, in a comment of its own: what people must not overlook. */
  readonly notice?: string;
}

export interface MergeRequest {
  /** The audited head; the forge refuses when the change has moved on. */
  readonly head: string;
  readonly title: string;
  /** Ends with the trailers by which the landing is found again. */
  readonly message: string;
}

export type MergeOutcome =
  | { readonly kind: "merged"; readonly commit: string }
  | { readonly kind: "head-moved" }
  | { readonly kind: "refused"; readonly reason: string };
