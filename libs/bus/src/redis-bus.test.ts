import { afterAll, beforeAll } from "vitest";
import { describeBus } from "./conformance.ts";
import { openBus } from "./open-bus.ts";
import { testRedis } from "./testing/private-redis.ts";
import { randomPrefix } from "./testing/test-message.ts";

let server: Awaited<ReturnType<typeof testRedis>>;

beforeAll(async () => {
  server = await testRedis();
});
afterAll(() => server.stop());

describeBus("on Redis", async (options) =>
  openBus({ ...options, url: server.url, prefix: randomPrefix() }),
);
