/** What one service tells another. The bus reads the frame only; `body` belongs to the two who talk. */
export interface Message {
  readonly id: string;
  readonly type: string;
  /** What the message is about. Deliveries of one subject run in order; it must always map to one partition. */
  readonly subject: string;
  readonly correlationId: string;
  readonly causationId?: string;
  /** When it was made, in milliseconds since the epoch. */
  readonly at: number;
  readonly v: 1;
  /** Where its cause stands in a trace, as W3C Trace Context writes it. */
  readonly traceparent?: string;
  readonly body: unknown;
}

export type ParsedMessage =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "malformed"; readonly reason: string };

const REQUIRED_TEXT = ["id", "type", "subject", "correlationId"] as const;

/**
 * Reads one payload as a message frame. Total: hostile or broken text gives `malformed` with the first
 * thing found wrong, never an exception.
 */
export function parseMessage(payload: string): ParsedMessage {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return malformed("not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return malformed("not an object");
  }
  const fault = frameFault(value as Record<string, unknown>);
  if (fault !== undefined) return malformed(fault);
  return { kind: "message", message: value as Message };
}

function frameFault(frame: Record<string, unknown>): string | undefined {
  for (const name of REQUIRED_TEXT) {
    const text = frame[name];
    if (typeof text !== "string" || text === "") return `${name} is not a non-empty string`;
  }
  for (const name of ["causationId", "traceparent"]) {
    if (frame[name] !== undefined && typeof frame[name] !== "string")
      return `${name} is not a string`;
  }
  if (typeof frame["at"] !== "number" || !Number.isFinite(frame["at"])) return "at is not a number";
  if (frame["v"] !== 1) return "v is not 1";
  if (!("body" in frame)) return "body is missing";
  return undefined;
}

function malformed(reason: string): ParsedMessage {
  return { kind: "malformed", reason };
}
