import { isUtf8 } from "node:buffer";
import { GatewayError, type Issue } from "./problems.ts";

const mostIssues = 50;
const longestEcho = 100;

/** What a schema of @council/contracts can do; the gateway needs no more of it. */
export interface BodySchema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };
}

interface SchemaIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** The bytes as text. Two bodies must never be one text: what is not UTF-8 is refused. */
export function textOf(body: unknown): string {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw malformed("the body is empty", "send the JSON document as the request body");
  }
  if (!isUtf8(body)) throw malformed("the body is not UTF-8", "encode it as UTF-8");
  return body.toString("utf8");
}

/** Parses JSON from outside, or a 400. */
export function parseJson(text: string): unknown {
  const read = readJson(text);
  if (read.kind === "json") return read.value;
  throw malformed(`the body ${read.fault}`, "send one sound JSON document");
}

export type ReadJson =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "faulty"; readonly fault: string };

/** Total. Refuses what is not JSON, keys that would reach a prototype, and text that is no Unicode. */
export function readJson(text: string): ReadJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "faulty", fault: "is not JSON" };
  }
  const fault = hostility(value);
  return fault === undefined ? { kind: "json", value } : { kind: "faulty", fault };
}

/** The value as the schema reads it, or a 422 that lists every fault. `prefix` comes before each field. */
export function checked<T>(schema: BodySchema<T>, value: unknown, prefix = ""): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidBody(issuesOf(parsed.error.issues, prefix));
}

/** A 422 with these faults; the first one names the problem's field. */
export function invalidBody(issues: readonly Issue[]): GatewayError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return new GatewayError("body-invalid", {
    detail: first ? `${first.field}: ${first.detail}${more}` : "the body does not fit",
    remedy: first?.remedy ?? "correct the body",
    ...(first ? { field: first.field } : {}),
    issues: issues.slice(0, mostIssues),
  });
}

export function issuesOf(issues: readonly SchemaIssue[], prefix: string): Issue[] {
  return issues.flatMap(({ code, path, message, keys }) => {
    const at = [...(prefix === "" ? [] : [prefix]), ...path.map(String)];
    if (code === "unrecognized_keys") {
      return (keys ?? []).slice(0, mostIssues).map((key) => ({
        field: [...at, key.slice(0, longestEcho)].join("."),
        detail: "is not a field of this document",
        remedy: "remove it",
      }));
    }
    const field = at.join(".").slice(0, 2 * longestEcho) || "body";
    const detail = message.slice(0, 2 * longestEcho);
    return [{ field, detail, remedy: `correct ${field}` }];
  });
}

function malformed(detail: string, remedy: string): GatewayError {
  return new GatewayError("body-malformed", { field: "body", detail, remedy });
}

// With a list of its own instead of recursion: hostile nesting is deeper than the stack. Half a
// surrogate pair has no canonical bytes, so nothing later on could put it into the ledger.
function hostility(root: unknown): string | undefined {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "string" && !value.isWellFormed()) return "holds half a surrogate pair";
    if (typeof value !== "object" || value === null) continue;
    for (const [key, held] of Object.entries(value)) {
      if (key === "__proto__" || (key === "constructor" && hasPrototype(held)))
        return "holds a key that reaches a prototype";
      open.push(held);
      if (!Array.isArray(value)) open.push(key);
    }
  }
  return undefined;
}

function hasPrototype(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "prototype");
}
