import { memorySpendLedger } from "./memory-spend-books.ts";
import { describeSpendLedger } from "./conformance/spend-ledger.ts";

describeSpendLedger("in memory", memorySpendLedger);
