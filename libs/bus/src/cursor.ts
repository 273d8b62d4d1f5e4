// A position in all ledgers at once: one entry id per partition. Encoded it is short, URL- and
// header-safe, and comes back from clients (Last-Event-ID), so decoding trusts nothing.
import type { LedgerItem } from "./bus.ts";

/** The id of the last entry seen, per partition; "0-0" = none yet. */
export type Cursor = readonly string[];

const START = "0-0";
const ENTRY_ID = /^\d{1,16}-\d{1,16}$/;

export function startCursor(partitions: number): Cursor {
  return Array.from({ length: partitions }, () => START);
}

export function advanceCursor(cursor: Cursor, item: Pick<LedgerItem, "partition" | "id">): Cursor {
  return cursor.with(item.partition, item.id);
}

export function encodeCursor(cursor: Cursor): string {
  return cursor.map((id) => (id === START ? "" : id)).join(".");
}

/** Undefined for anything `encodeCursor` would not have made for that many partitions. */
export function decodeCursor(text: string, partitions: number): Cursor | undefined {
  if (text.length > partitions * 34) return undefined;
  const ids = text.split(".").map((id) => (id === "" ? START : id));
  if (ids.length !== partitions || !ids.every((id) => ENTRY_ID.test(id))) return undefined;
  return ids;
}

/** Orders two entry ids as the server does. */
export function compareEntryIds(left: string, right: string): number {
  const [leftMs, leftSeq] = splitEntryId(left);
  const [rightMs, rightSeq] = splitEntryId(right);
  return leftMs - rightMs || leftSeq - rightSeq;
}

export function isEntryId(text: string): boolean {
  return ENTRY_ID.test(text);
}

function splitEntryId(id: string): [number, number] {
  const dash = id.indexOf("-");
  if (dash < 0) return [Number(id), 0];
  return [Number(id.slice(0, dash)), Number(id.slice(dash + 1))];
}
