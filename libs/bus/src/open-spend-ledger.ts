import type { SpendLedger } from "@council/domain";
import { BusError } from "./bus-error.ts";
import { connect } from "./connect.ts";
import { makeKeys } from "./keys.ts";
import { makeSpendLedger, type SpendLedgerOptions } from "./make-spend-ledger.ts";
import { RedisSpendBooks } from "./redis-spend-books.ts";

/** The spend ledger on Redis, with a connection of its own; the caller closes it. */
export function openSpendLedger(
  options: SpendLedgerOptions & {
    readonly redisUrl: string;
    readonly keyPrefix: string;
    readonly name: string;
    /** Told of link errors; links repair themselves. */
    readonly onError?: (error: Error) => void;
  },
): SpendLedger {
  const { redisUrl: url, keyPrefix, name, onError } = options;
  if (!/^[a-z0-9-]+$/.test(keyPrefix)) throw new BusError("bad-input", "prefix is not [a-z0-9-]+");
  const redis = connect({ url, name: `${name}:spend`, ...(onError ? { onError } : {}) });
  return makeSpendLedger(new RedisSpendBooks(redis, makeKeys(keyPrefix, 1)), options);
}
