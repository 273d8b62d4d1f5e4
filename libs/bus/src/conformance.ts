// What every implementation of the bus has to do, as tests. The in-memory twin and the Redis bus both run it,
// so whatever a service learns from the one holds for the other.
import { describe, onTestFinished } from "vitest";
import { describeIngest } from "./conformance/ingest.ts";
import { describeCommit } from "./conformance/commit.ts";
import { describeConsumer } from "./conformance/consumer.ts";
import { describeFailures } from "./conformance/failures.ts";
import { describeReads } from "./conformance/reads.ts";
import type { OpenTestBus } from "./conformance/consume.ts";

/** Declares the suite for one implementation; `open` gives an empty bus of 16 partitions each time. */
export function describeBus(name: string, open: OpenTestBus): void {
  const opened: OpenTestBus = async (options) => {
    const bus = await open(options);
    onTestFinished(() => bus.close());
    return bus;
  };
  describe(`bus: ${name}`, () => {
    describeIngest(opened);
    describeCommit(opened);
    describeConsumer(opened);
    describeFailures(opened);
    describeReads(opened);
  });
}
