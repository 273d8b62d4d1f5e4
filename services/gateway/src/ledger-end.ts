import { advanceCursor, type Bus, type Cursor, startCursor } from "@council/bus";

/** Entry ids carry milliseconds; this is far beyond any clock. */
const latestMs = 2 ** 46;
const lastOfMs = "9999999999999999";
const page = 1000;

/**
 * The position after the newest entry of every partition. The newest entry is looked for by halving,
 * with reads of one entry, so that it costs the same however long the ledger is, and no clock is asked.
 */
export async function endOfLedger(bus: Bus): Promise<Cursor> {
  const partitions = [...startCursor(bus.partitions).keys()];
  const ends = await Promise.all(partitions.map((partition) => endOfPartition(bus, partition)));
  return ends.reduce<Cursor>(
    (cursor, id, partition) =>
      id === undefined ? cursor : advanceCursor(cursor, { partition, id }),
    startCursor(bus.partitions),
  );
}

async function endOfPartition(bus: Bus, partition: number): Promise<string | undefined> {
  const firstFrom = async (ms: number) => {
    const range = ms === 0 ? { count: 1 } : { after: `${ms - 1}-${lastOfMs}`, count: 1 };
    const [item] = await bus.readLedger(partition, range);
    return item?.id;
  };
  let newest = await firstFrom(0);
  if (newest === undefined) return undefined;
  let [low, high] = [msOf(newest), latestMs];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const found = await firstFrom(middle);
    if (found === undefined) high = middle - 1;
    else {
      newest = found;
      low = Math.max(middle, msOf(found));
      high = Math.max(high, low);
    }
  }
  for (;;) {
    const items = await bus.readLedger(partition, { after: newest, count: page });
    newest = items.at(-1)?.id ?? newest;
    if (items.length < page) return newest;
  }
}

function msOf(id: string): number {
  return Number(id.split("-", 1)[0]);
}
