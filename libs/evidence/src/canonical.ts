import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** Why a value has no canonical bytes. */
export type CanonicalRefusal =
  | "undefined"
  | "non-finite-number"
  | "not-json"
  | "lone-surrogate"
  | "circular";

export type CanonicalOutcome =
  | { readonly kind: "canonical"; readonly bytes: Uint8Array }
  | { readonly kind: "refused"; readonly reason: CanonicalRefusal };

const encoder = new TextEncoder();

/**
 * The RFC 8785 bytes of a JSON value, or why it has none. Never throws, so it is the one to use on
 * anything that came over a wire. Properties whose value is `undefined` are left out, as on the wire;
 * everything else that JSON would silently change (Map, Date, bigint, holes in arrays) is refused,
 * because two different facts must never share a signature.
 */
export function tryCanonicalBytes(value: unknown): CanonicalOutcome {
  const refusal = refusalOf(value);
  if (refusal !== undefined) return { kind: "refused", reason: refusal };
  const text = canonicalize(value);
  if (text === undefined) return { kind: "refused", reason: "undefined" };
  return { kind: "canonical", bytes: encoder.encode(text) };
}

/**
 * The RFC 8785 bytes of a value the caller built itself.
 * Throws TypeError on a value that has none: that is a bug at the caller.
 */
export function canonicalBytes(value: unknown): Uint8Array {
  const outcome = tryCanonicalBytes(value);
  if (outcome.kind === "refused") {
    throw new TypeError(`the value has no canonical bytes: ${outcome.reason}`);
  }
  return outcome.bytes;
}

/** Full SHA-256 over the canonical bytes, 64 lower-case hex digits. Throws as `canonicalBytes`. */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalBytes(value));
}

/** SHA-256 of bytes, or of the UTF-8 bytes of a string, 64 lower-case hex digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

// Depth-first with its own stack: depth is bounded by memory, not by the call stack, because a
// hostile reply may nest a hundred thousand arrays.
function refusalOf(root: unknown): CanonicalRefusal | undefined {
  const open = new Set<object>();
  const stack: ({ readonly enter: unknown } | { readonly leave: object })[] = [{ enter: root }];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    if ("leave" in step) {
      open.delete(step.leave);
      continue;
    }
    const value = step.enter;
    if (value === null || typeof value !== "object") {
      const refusal = primitiveRefusal(value);
      if (refusal !== undefined) return refusal;
      continue;
    }
    if (open.has(value)) return "circular";
    open.add(value);
    stack.push({ leave: value });
    const children = childrenOf(value);
    if (typeof children === "string") return children;
    for (const child of children) stack.push({ enter: child });
  }
  return undefined;
}

function primitiveRefusal(value: unknown): CanonicalRefusal | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? undefined : "non-finite-number";
    case "string":
      return value.isWellFormed() ? undefined : "lone-surrogate";
    case "undefined":
      return "undefined";
    case "boolean":
    case "object":
      return undefined;
    case "bigint":
    case "symbol":
    case "function":
      return "not-json";
  }
}

function childrenOf(value: object): readonly unknown[] | CanonicalRefusal {
  if (Array.isArray(value)) return Array.from(value as readonly unknown[]);
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain || typeof (value as { toJSON?: unknown }).toJSON === "function") return "not-json";
  const children: unknown[] = [];
  for (const [key, child] of Object.entries(value)) {
    if (!key.isWellFormed()) return "lone-surrogate";
    if (child !== undefined) children.push(child);
  }
  return children;
}
