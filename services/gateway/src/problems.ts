import { type Problem, problem } from "@council/runtime";

/** Every way the gateway refuses a request; `type` of the answer is `urn:council:problem:<code>`. */
export const problemTypes = {
  "bad-request": { status: 400, title: "The request is malformed" },
  "body-malformed": { status: 400, title: "The body cannot be read" },
  "signature-missing": { status: 401, title: "The request is not signed" },
  "signature-stale": { status: 401, title: "The signature is too old or from the future" },
  "signature-invalid": { status: 401, title: "The signature does not match" },
  "sender-unknown": { status: 401, title: "The sender is not known" },
  "token-required": { status: 401, title: "The operator token is needed" },
  "role-required": { status: 403, title: "Another role is needed" },
  "route-unknown": { status: 404, title: "There is nothing here" },
  "patch-unknown": { status: 404, title: "No such patch" },
  "revert-unknown": { status: 404, title: "Nothing was taken back" },
  "comparison-unknown": { status: 404, title: "No such comparison" },
  "diff-unknown": { status: 404, title: "No such diff" },
  "dead-letter-unknown": { status: 404, title: "No such dead letter" },
  "github-not-configured": { status: 404, title: "GitHub deliveries are not set up" },
  "gitea-not-configured": { status: 404, title: "Gitea deliveries are not set up" },
  "gitlab-not-configured": { status: 404, title: "GitLab deliveries are not set up" },
  "stop-unknown": { status: 404, title: "Nothing of this is stopped" },
  "delegation-unknown": { status: 404, title: "No such stand-in" },
  "waiver-unknown": { status: 404, title: "Nothing is waived under this id" },
  "change-not-refused": { status: 404, title: "This change is not refused" },
  "approval-refused": { status: 409, title: "This approval does not count" },
  "delivery-conflict": { status: 409, title: "The same delivery id came with another body" },
  "action-conflict": { status: 409, title: "The same idempotency key came with another action" },
  "rollback-by-hand": { status: 409, title: "Others' work would have to go with it" },
  "reland-impossible": { status: 409, title: "It cannot be landed again by itself" },
  "quorum-differs": { status: 409, title: "The quorum is not as claimed" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "content-type-unsupported": { status: 415, title: "The content type is not understood" },
  "body-invalid": { status: 422, title: "The body does not fit the schema" },
  "query-invalid": { status: 422, title: "The query does not fit" },
  "repository-unknown": { status: 422, title: "The repository is not under guard" },
  "pull-request-unusable": { status: 422, title: "The pull request cannot be taken in" },
  "event-mismatch": { status: 422, title: "The body is not of the event the header names" },
  "patch-ambiguous": { status: 422, title: "More than one patch has this name" },
  "rate-limited": { status: 429, title: "Too many patches from this sender" },
  backpressure: { status: 429, title: "Council is behind with its work" },
  "drills-full": { status: 429, title: "Enough drills are waiting" },
  internal: { status: 500, title: "The gateway failed" },
  unavailable: { status: 503, title: "Council cannot store this now" },
  "remote-unavailable": { status: 503, title: "The repository cannot be reached now" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemCode = keyof typeof problemTypes;

/** One fault of an input: where, what, and what to do. */
export interface Issue {
  readonly field: string;
  readonly detail: string;
  readonly remedy: string;
}

export interface Refusal {
  readonly detail: string;
  readonly remedy: string;
  readonly field?: string;
  /** Every fault found, when there can be several. */
  readonly issues?: readonly Issue[];
  readonly retryAfterS?: number;
}

/** A request is refused; caught in one place, the error handler of the HTTP edge. */
export class GatewayError extends Error {
  readonly code: ProblemCode;
  readonly refusal: Refusal;

  constructor(code: ProblemCode, refusal: Refusal) {
    super(refusal.detail);
    this.name = "GatewayError";
    this.code = code;
    this.refusal = refusal;
  }
}

export type ProblemDocument = Problem & { readonly issues?: readonly Issue[] };

/** The RFC 9457 document of a refusal. */
export function problemOf(code: ProblemCode, refusal: Refusal): ProblemDocument {
  const { detail, remedy, field, issues } = refusal;
  const document = problem({
    type: `urn:council:problem:${code}`,
    ...problemTypes[code],
    detail,
    remedy,
    ...(field === undefined ? {} : { field }),
  });
  return issues === undefined ? document : { ...document, issues };
}
