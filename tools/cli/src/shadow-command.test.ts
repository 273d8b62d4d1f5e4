import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { fetchShadow, shadowText } from "./shadow-command.ts";

const rule = { id: "strict", mode: "shadow" };
const look = (firedAt?: number) => ({ observation: { readings: [{ ruleId: "strict", firedAt }] } });
const submitted = { type: "PatchSubmitted", patch: { policy: { rules: [rule] } } };
const timelines: Record<string, object[]> = {
  p1: [submitted, { type: "StagePassed", ...look(5) }, { type: "Settled" }],
  p2: [submitted, { type: "RevertStarted", cause: { kind: "breach", ...look(5) } }],
};

test("reads the newest patches and counts, with the token", async () => {
  const server = createServer((request, response) => {
    const id = /^\/v1\/patches\/(\w+)$/.exec(request.url ?? "")?.[1];
    const isKnown = request.headers.authorization === "Bearer t";
    const patches = Object.keys(timelines).map((each) => ({ id: each }));
    const timeline = (timelines[id ?? ""] ?? []).map((event) => ({ event }));
    response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(id ? { timeline } : { patches }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const records = await fetchShadow({ url, token: "t" }, 10);
  expect(records).toEqual([
    { ruleId: "strict", watched: 2, fired: 2, rightly: 1, wrongly: 1, missed: 0 },
  ]);
  expect(shadowText(records)).toContain("fired on 2 of 2 patches, 1 rightly and 1 wrongly");
  expect(shadowText([])).toContain("No rule is on trial");
  await expect(fetchShadow({ url, token: undefined }, 10)).rejects.toThrow("answered 401");
  server.close().closeAllConnections();
  await expect(fetchShadow({ url, token: undefined }, 10)).rejects.toThrow("start the gateway");
});
