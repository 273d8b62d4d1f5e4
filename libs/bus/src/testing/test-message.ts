import { createHash, randomBytes } from "node:crypto";
import type { Blob } from "../bus.ts";
import type { Message } from "../message.ts";

/** A sound message with made-up parts where none are given. */
export function testMessage(parts: Partial<Message> = {}): Message {
  const id = parts.id ?? randomBytes(8).toString("hex");
  return {
    id,
    type: "tested",
    subject: "patch-1",
    correlationId: id,
    at: 1_700_000_000_000,
    v: 1,
    body: {},
    ...parts,
  };
}

export function testBlob(text: string): Blob {
  const bytes = new TextEncoder().encode(text);
  return { digest: createHash("sha256").update(bytes).digest("hex"), bytes };
}

/** A key prefix nobody else uses. */
export function randomPrefix(): string {
  return `t${randomBytes(6).toString("hex")}-`;
}

/** Waits until `check` holds, looking often. Throws after `timeoutMs`. */
export async function until(
  check: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
