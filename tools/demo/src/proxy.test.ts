import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Proxy } from "./proxy.ts";
import { startProxy } from "./proxy.ts";

const servers: Server[] = [];
let proxy: Proxy | undefined;

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
afterEach(async () => {
  await proxy?.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const named =
  (name: string): RequestListener =>
  (request, response) =>
    response.end(`${name} ${request.url}`);

test("divides the requests by weight and says who served each", async () => {
  let draws = 0;
  proxy = await startProxy(() => (draws++ % 10) / 10);
  expect((await fetch(`${proxy.url}/x`)).status).toBe(503);
  const baselinePort = await serve(named("old"));
  const port = await serve(named("new"));
  proxy.route({ baselinePort, canary: { port, weight: 0.3, patchId: "p00-a" } });
  const texts: string[] = [];
  for (let index = 0; index < 20; index += 1) {
    const response = await fetch(`${proxy.url}/x?q=1`);
    const text = await response.text();
    texts.push(text);
    expect(response.headers.get("x-watched-patch")).toBe("p00-a");
    expect(response.headers.get("x-served-by")).toBe(
      text.startsWith("new") ? "canary" : "baseline",
    );
  }
  expect(texts.filter((text) => text === "new /x?q=1")).toHaveLength(6);
  expect(texts.filter((text) => text === "old /x?q=1")).toHaveLength(14);
  expect(proxy.counts()).toEqual({
    baseline: { served: 14, failed: 0 },
    canary: { served: 6, failed: 0 },
  });
});

test("without a canary nobody is watched", async () => {
  proxy = await startProxy(() => 0);
  proxy.route({ baselinePort: await serve(named("old")) });
  const response = await fetch(proxy.url);
  expect(await response.text()).toBe("old /");
  expect(response.headers.has("x-watched-patch")).toBe(false);
});

test("an arm that hangs up or never answers is a failure of that arm", async () => {
  const baselinePort = await serve(named("old"));
  const broken = await serve((request) => {
    if (request.url === "/hangs-up") request.socket.destroy();
  });
  proxy = await startProxy(() => 0);
  proxy.route({ baselinePort, canary: { port: broken, weight: 0.3, patchId: "p00-a" } });
  const hungUp = await fetch(`${proxy.url}/hangs-up`);
  expect([hungUp.status, hungUp.headers.get("x-served-by")]).toEqual([502, "canary"]);
  const silent = await fetch(`${proxy.url}/silent`);
  expect([silent.status, silent.headers.get("x-served-by")]).toEqual([504, "canary"]);
  expect(proxy.counts().canary).toEqual({ served: 0, failed: 2 });
});
