export { assertDurable } from "./assert-durable.ts";
export type { Durability } from "./assert-durable.ts";
export type {
  Addressed,
  Blob,
  Bus,
  Claim,
  CommitReply,
  ConsumeOptions,
  Consumer,
  ConsumerEvent,
  DeadLetter,
  Delivery,
  Handler,
  InboxDepth,
  Ingest,
  IngestReply,
  LedgerItem,
  ListedSubject,
  Outcome,
  State,
  StateChange,
} from "./bus.ts";
export { BusError } from "./bus-error.ts";
export type { BusErrorCode } from "./bus-error.ts";
export { connect } from "./connect.ts";
export type { ConnectOptions } from "./connect.ts";
export { advanceCursor, decodeCursor, encodeCursor, startCursor } from "./cursor.ts";
export type { Cursor } from "./cursor.ts";
export { openDeadlines } from "./deadlines.ts";
export type {
  CancelReply,
  Deadline,
  DeadlineKey,
  Deadlines,
  DeadlinesOptions,
  DeadlineWorker,
} from "./deadlines.ts";
export { openDrillQueue, scheduleDrills, serveDrills, unscheduleDrills } from "./drill-queue.ts";
export type {
  CarryOut,
  DrillInLine,
  DrillLine,
  DrillOrder,
  DrillQueue,
  DrillQueueOptions,
  DrillResult,
  DrillScope,
  DrillUnderWay,
} from "./drill-queue.ts";
export { memoryDrillQueue } from "./memory-drill-queue.ts";
export { memoryBus } from "./memory-bus.ts";
export type { MemoryBus } from "./memory-bus.ts";
export { parseMessage } from "./message.ts";
export type { Message, ParsedMessage } from "./message.ts";
export { openBus } from "./open-bus.ts";
export type { OpenBusOptions } from "./open-bus.ts";
export { openDurableBus } from "./open-durable-bus.ts";
export { memorySpendLedger } from "./memory-spend-books.ts";
export { openSpendLedger } from "./open-spend-ledger.ts";
export type { SpendLedgerOptions } from "./make-spend-ledger.ts";
