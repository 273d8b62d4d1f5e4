import {
  type Balance,
  balancesOf,
  type SpendEntry,
  type SpendRequest,
  type SpendStop,
} from "@council/domain";
import type { Redis } from "ioredis";
import { BusError } from "./bus-error.ts";
import { closeConnection, settled } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { asArray, loadScripts, type RunScript } from "./scripts.ts";
import { type Booking, keptMs, type Settlement, type SpendBooks } from "./spend-books.ts";

/** A call id seen again after this is a new call, milliseconds. */
const callKeptMs = 40 * 24 * 3_600_000;
const page = 1000;
const mostExpiredAtOnce = 1000;
/** How often a rebuild starts over because the ledger grew under it. */
const rebuildTries = 20;

/** The atomic half of the spend ledger on Redis; every key lies in one slot. Owns its connection. */
export class RedisSpendBooks implements SpendBooks {
  readonly #redis: Redis;
  readonly #run: RunScript;
  readonly #keys: Pick<Keys, "spend">;
  readonly #stop: string;
  readonly #holds: string;
  readonly #ledger: string;

  constructor(redis: Redis, keys: Pick<Keys, "spend">) {
    this.#redis = redis;
    this.#run = loadScripts(redis);
    this.#keys = keys;
    this.#stop = keys.spend("stop");
    this.#holds = keys.spend("holds");
    this.#ledger = keys.spend("ledger");
  }

  async book({
    request,
    accounts,
    at,
    expiresAt,
  }: Parameters<SpendBooks["book"]>[0]): Promise<Booking> {
    const { callId, worstCaseMicroUsd } = request;
    const names = accounts.map(({ key }) => key);
    const shared = [this.#stop, this.#callKey(callId), this.#holds, this.#ledger];
    const reply = await this.#run(
      "spend-reserve",
      [...shared, ...names.map((name) => this.#accountKey(name))],
      [
        callId,
        worstCaseMicroUsd,
        at,
        expiresAt,
        JSON.stringify(request),
        JSON.stringify(names),
        callKeptMs,
        keptMs,
        ...accounts.map(({ limitMicroUsd }) => limitMicroUsd ?? -1),
      ],
    );
    return decodeBooking(reply);
  }

  async settle(callId: string, actual: number | undefined, at: number): Promise<Settlement> {
    const keys = await this.#keysOfCall(callId);
    const reply = await this.#run("spend-settle", keys, [callId, actual ?? "", at]);
    const [tag, held, charged] = asArray(reply).map(String);
    if (tag === "again" || tag === "unknown") return { kind: tag };
    return { kind: "settled", heldMicroUsd: Number(held), chargedMicroUsd: Number(charged) };
  }

  async expireDue(at: number): Promise<number> {
    const due = await settled(
      this.#redis.zrangebyscore(this.#holds, "-inf", at, "LIMIT", 0, mostExpiredAtOnce),
    );
    let expired = 0;
    for (const callId of due) {
      const reply = await this.#run("spend-expire", await this.#keysOfCall(callId), [callId, at]);
      if (asArray(reply)[0] === "expired") expired += 1;
    }
    await settled(this.#redis.xtrim(this.#ledger, "MINID", "~", Math.max(0, at - keptMs)));
    return expired;
  }

  async turn(type: "stopped" | "resumed", said: SpendStop): Promise<void> {
    const { actor, reason, at } = said;
    const args = [type, at, actor, reason, JSON.stringify(said)];
    await this.#run("spend-switch", [this.#stop, this.#ledger], args);
  }

  async read(names: readonly string[]): Promise<{ stop?: SpendStop; balances: Balance[] }> {
    const [text, ...balances] = await Promise.all([
      settled(this.#redis.get(this.#stop)),
      ...names.map((name) => settled(this.#redis.hmget(this.#accountKey(name), "held", "spent"))),
    ]);
    const stop = text === null ? undefined : (JSON.parse(text) as SpendStop);
    return { ...(stop ? { stop } : {}), balances: balances.map(readBalance) };
  }

  async entries(since: number): Promise<readonly SpendEntry[]> {
    // Ids carry the clock of Redis, entries that of whoever wrote them: an hour covers the difference.
    const { entries } = await this.#entriesFrom(`${Math.max(0, since - 3_600_000)}-0`);
    return entries.filter(({ at }) => at >= since);
  }

  async rebuild(): Promise<readonly string[]> {
    for (let tries = 0; tries < rebuildTries; tries += 1) {
      const { last, entries } = await this.#entriesFrom("-");
      const balances = [...balancesOf(entries)];
      const figures = balances.flatMap(([, { heldMicroUsd, spentMicroUsd }]) => [
        heldMicroUsd,
        spentMicroUsd,
      ]);
      const keys = [this.#ledger, ...balances.map(([key]) => this.#accountKey(key))];
      const reply = await this.#run("spend-rebuild", keys, [last, keptMs, ...figures]);
      const [tag, ...wrong] = asArray(reply).map(String);
      if (tag === "rebuilt") return wrong.map((position) => balances[Number(position)]?.[0] ?? "");
    }
    throw new BusError("unanswered", "the spend ledger grows too fast; stop spending first");
  }

  async close(): Promise<void> {
    closeConnection(this.#redis);
  }

  #callKey(callId: string): string {
    return this.#keys.spend(`call:${callId}`);
  }

  #accountKey(name: string): string {
    return this.#keys.spend(`account:${name}`);
  }

  /** What a settlement touches: the accounts of a reservation never change once it is made. */
  async #keysOfCall(callId: string): Promise<string[]> {
    const names = await settled(this.#redis.hget(this.#callKey(callId), "accounts"));
    const booked = names ? (JSON.parse(names) as string[]) : [];
    const accounts = booked.map((name) => this.#accountKey(name));
    return [this.#callKey(callId), this.#holds, this.#ledger, ...accounts];
  }

  async #entriesFrom(from: string): Promise<{ last: string; entries: SpendEntry[] }> {
    const entries: SpendEntry[] = [];
    let [next, last] = [from, ""];
    for (;;) {
      const items = await settled(this.#redis.xrange(this.#ledger, next, "+", "COUNT", page));
      entries.push(...items.map(([, fields]) => readEntry(fields)));
      last = items.at(-1)?.[0] ?? last;
      if (items.length < page) return { last, entries };
      next = `(${last}`;
    }
  }
}

function decodeBooking(reply: unknown): Booking {
  const [tag, ...rest] = asArray(reply);
  switch (tag) {
    case "reserved":
      return { kind: "reserved", used: rest.map(Number) };
    case "again":
    case "closed":
    case "conflict":
      return { kind: tag };
    case "stopped":
      return { kind: "stopped", stop: JSON.parse(String(rest[0])) as SpendStop };
    case "over": {
      const pairs = Array.from({ length: rest.length / 2 }, (_, at) => ({
        index: Number(rest[2 * at]),
        usedMicroUsd: Number(rest[2 * at + 1]),
      }));
      return { kind: "over", over: pairs };
    }
    default:
      throw new BusError("bad-reply", `spend-reserve answered ${String(tag)}`);
  }
}

function readBalance([held, spent]: (string | null)[]): Balance {
  return { heldMicroUsd: Number(held ?? 0), spentMicroUsd: Number(spent ?? 0) };
}

function readEntry(fields: readonly string[]): SpendEntry {
  const pairs = Array.from({ length: fields.length / 2 }, (_, at) => [
    fields[2 * at],
    fields[2 * at + 1],
  ]);
  const named = Object.fromEntries(pairs) as Record<string, string>;
  const at = Number(named["at"]);
  switch (named["type"]) {
    case "reserved":
      return {
        type: "reserved",
        at,
        request: JSON.parse(named["request"] ?? "") as SpendRequest,
        accounts: JSON.parse(named["accounts"] ?? "") as string[],
      };
    case "settled":
    case "expired": {
      const { type, call: callId = "", charged } = named;
      return { type, at, callId, chargedMicroUsd: Number(charged) };
    }
    case "stopped":
    case "resumed": {
      const { type, actor = "", reason = "" } = named;
      return { type, at, actor, reason };
    }
    default:
      throw new BusError("bad-reply", `the spend ledger holds ${String(named["type"])}`);
  }
}
