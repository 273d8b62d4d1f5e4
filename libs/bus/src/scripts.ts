// Loads the scripts and decodes their tagged replies; nothing else knows what a reply looks like. Each file in
// lua/ states its promise, KEYS and ARGV.
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import type { CommitReply, IngestReply } from "./bus.ts";
import { BusError } from "./bus-error.ts";
import { settled } from "./connect.ts";

const NAMES = [
  "commit",
  "ingest",
  "take-over",
  "hold",
  "retry",
  "dead-letter",
  "redrive",
  "leave",
  "trim-ledger",
  "spend-reserve",
  "spend-settle",
  "spend-expire",
  "spend-switch",
  "spend-rebuild",
] as const;

type ScriptName = (typeof NAMES)[number];

export type Argument = string | number | Buffer;

/** Runs one script: EVALSHA, and EVAL where the server does not know it yet. */
export type RunScript = (
  name: ScriptName,
  keys: readonly string[],
  args: readonly Argument[],
) => Promise<unknown>;

export function loadScripts(redis: Redis): RunScript {
  const commands = redis as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const name of NAMES) {
    const lua = readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8");
    redis.defineCommand(`council:${name}`, { lua });
  }
  return (name, keys, args) => {
    const run = commands[`council:${name}`];
    if (run === undefined) throw new BusError("bad-input", `no script ${name}`);
    return settled(run.call(redis, keys.length, ...keys, ...args));
  };
}

/** `inboxes` names the inbox at each key position of the batch. */
export function decodeCommit(
  reply: unknown,
  expected: number,
  inboxes: ReadonlyMap<number, string>,
): CommitReply[] {
  const replies = asArray(reply).map((each): CommitReply => {
    const [tag, ...rest] = asArray(each).map(String);
    if (tag === "applied") return { kind: "applied", ledgerIds: rest };
    if (tag === "fenced") return { kind: "fenced" };
    if (tag === "stale") return { kind: "stale", version: Number(rest[0]) };
    if (tag === "backpressure") {
      return { kind: "backpressure", inbox: inboxes.get(Number(rest[0])) ?? "" };
    }
    throw new BusError("bad-reply", `commit answered ${tag}`);
  });
  if (replies.length !== expected) {
    throw new BusError("bad-reply", `commit judged ${replies.length} of ${expected} outcomes`);
  }
  return replies;
}

/** `inboxAt` names the inbox at a key position. */
export function decodeIngest(reply: unknown, inboxAt: (position: number) => string): IngestReply {
  const [tag, detail] = asArray(reply).map(String);
  switch (tag) {
    case "accepted":
    case "duplicate":
    case "conflict":
      return { kind: tag, id: detail ?? "" };
    case "backpressure":
      return { kind: "backpressure", inbox: inboxAt(Number(detail)) };
    default:
      throw new BusError("bad-reply", `ingest answered ${tag}`);
  }
}

export function decodeTakeOver(reply: unknown): {
  lostIds: string[];
  taken: { entryId: string; payload: string; deliveryCount: number } | undefined;
} {
  const [lost, entryId, payload, deliveryCount] = asArray(reply);
  const lostIds = asArray(lost).map(String);
  if (typeof entryId !== "string" || typeof payload !== "string") {
    return { lostIds, taken: undefined };
  }
  return { lostIds, taken: { entryId, payload, deliveryCount: Number(deliveryCount) } };
}

export function decodeHold(reply: unknown): boolean[] {
  return asArray(reply).map((each) => each === 1);
}

/** The new delivery count, or undefined when fenced. */
export function decodeRetry(reply: unknown): number | undefined {
  const [tag, count] = asArray(reply);
  return tag === "retried" ? Number(count) : undefined;
}

/** Whether a two-way script did its deed: answered with this tag. */
export function didTag(reply: unknown, tag: "buried" | "redriven"): boolean {
  return asArray(reply)[0] === tag;
}

export function asArray(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new BusError("bad-reply", "a script answered no array");
  return value as unknown[];
}
