import type { Bus } from "./bus.ts";
import { startConsumer } from "./consumer.ts";
import type { Store } from "./store.ts";

/** A bus from its atomic half. */
export function makeBus(store: Store): Bus {
  return {
    partitions: store.partitions,
    partitionOf: (text) => store.partitionOf(text),
    readState: (partition, subject) => store.readState(partition, subject),
    readStates: (partition, subjects) => store.readStates(partition, subjects),
    readBlob: (partition, digest) => store.readBlob(partition, digest),
    readKey: (partition, key) => store.readKey(partition, key),
    ingest: (partition, ingest) => store.ingest(partition, ingest),
    send: (partition, message, inbox, key) => store.send(partition, message, inbox, key),
    commit: (claim, outcome) => store.commit(claim, outcome),
    consume: (options) => startConsumer(store, options),
    readLedger: (partition, range) => store.readLedger(partition, range),
    tailLedger: (options) => store.tailLedger(options),
    trimLedger: (partition, trim) => store.trimLedger(partition, trim),
    listSubjects: (partition, page) => store.listSubjects(partition, page),
    deadLetters: (inbox, limit) => store.deadLetters(inbox, limit),
    redrive: (inbox, id) => store.redrive(inbox, id),
    depth: () => store.depth(),
    close: () => store.close(),
  };
}
