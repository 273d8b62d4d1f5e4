import type { z } from "zod";
import type { ProblemCode } from "../problems.ts";

/** What a request has to show: see the security schemes of the document. */
export type Access =
  | "open"
  | "read"
  | "viewer"
  | "operator"
  | "approver"
  | "admin"
  | "signature"
  | "pipeline"
  | "github"
  | "gitea"
  | "gitlab";

export interface Content {
  readonly type: string;
  /** A schema of the contracts, or what is known of the shape; any text when absent. */
  readonly schema?: z.ZodType;
  readonly example?: unknown;
}

/** One route, as the document describes it. */
export interface Operation {
  readonly tag: "Patches" | "Evidence" | "Samples" | "Actions" | "Spending" | "Operations" | "Page";
  readonly summary: string;
  readonly access: Access;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Content & { readonly isOptional?: boolean };
  readonly status?: 200 | 202;
  readonly answer: Content;
  /** Ways to be refused beside those that follow from access, body and path. */
  readonly problems?: readonly ProblemCode[];
}

export const json = (schema?: z.ZodType, example?: unknown): Content => ({
  type: "application/json",
  ...(schema === undefined ? {} : { schema }),
  ...(example === undefined ? {} : { example }),
});
