import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type SampleSource, sampleSourceSchema } from "@council/contracts";
import { expect, test } from "vitest";
import { queryPrometheus } from "./query-prometheus.ts";

type Answer = (form: URLSearchParams, path: string, response: ServerResponse) => unknown;

/** A server that speaks the query API; `answer` gives the data, or writes the response itself. */
async function prometheus(answer: Answer) {
  const asked: { path: string; form: URLSearchParams; token: string | undefined }[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const form = new URLSearchParams(await text(request));
    const path = request.url ?? "";
    asked.push({ path, form, token: request.headers.authorization });
    const data = answer(form, path, response);
    if (!response.headersSent && data !== undefined)
      response.end(JSON.stringify({ status: "success", data }));
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const matrix = (...series: [number, string][][]) => ({
  resultType: "matrix",
  result: series.map((values) => ({ metric: {}, values })),
});
const vector = (...values: [number, string][]) => ({
  resultType: "vector",
  result: values.map((value) => ({ metric: {}, value })),
});
const sourceAt = (url: string, changes: object = {}): SampleSource =>
  sampleSourceSchema.parse({
    kind: "prometheus",
    url,
    timeoutMs: 500,
    queries: [{ metric: "latency", unit: "ms", canary: "c", baseline: "b" }],
    ...changes,
  });
const window = {
  patch: "p01-a",
  stage: "canary",
  repository: "shop",
  after: 10_000,
  until: 21_000,
};

test("a range query takes every step since the last look once, per arm, and no gap", async () => {
  await using server = await prometheus((form) =>
    form.get("query") === "c"
      ? matrix(
          [
            [15, "7"],
            [20, "NaN"],
          ],
          [
            [15, "9"],
            [20, "+Inf"],
          ],
        )
      : matrix([[15, "5"]]),
  );
  const { samples, reason } = await queryPrometheus(sourceAt(server.url), window);
  expect(reason).toBeUndefined();
  expect(samples).toEqual([
    { metric: "latency", arm: "canary", value: 7, unit: "ms", at: 15_000 },
    { metric: "latency", arm: "canary", value: 9, unit: "ms", at: 15_000 },
    { metric: "latency", arm: "baseline", value: 5, unit: "ms", at: 15_000 },
  ]);
  for (const { path, form } of server.asked) {
    expect(path).toBe("/api/v1/query_range");
    expect([form.get("start"), form.get("end"), form.get("step")]).toEqual(["15", "20", "5"]);
  }
  await queryPrometheus(sourceAt(server.url), { ...window, after: 21_000, until: 24_000 });
  expect(server.asked).toHaveLength(2); // no step lies in between, so nothing was asked
});

test("an instant query gives one value; names stand escaped in the query", async () => {
  await using server = await prometheus(() => vector([21, "3"]));
  const canary = 'v{patch="{{patch}}",stage="{{stage}}",repo="{{repository}}"}';
  const query = { metric: "errors", unit: "ratio", mode: "instant", canary };
  const source = sourceAt(server.url, { queries: [query] });
  const { samples } = await queryPrometheus(source, { ...window, stage: 'x"} or vector(0) #\n' });
  expect(samples).toEqual([
    { metric: "errors", arm: "canary", value: 3, unit: "ratio", at: 21_000 },
  ]);
  expect(server.asked[0]?.form.get("query")).toBe(
    'v{patch="p01-a",stage="x\\"} or vector(0) #\\n",repo="shop"}',
  );
});

test("P3: old measurements are no samples, however smoothly the query answers", async () => {
  const answers =
    (at: string): Answer =>
    (form) =>
      form.get("query") === "f" ? vector([21, at]) : matrix([[15, "1"]]);
  await using stale = await prometheus(answers("1"));
  const old = await queryPrometheus(sourceAt(stale.url, { freshness: "f" }), window);
  expect(old).toEqual({
    samples: [],
    reason: "its newest measurement is of 1970-01-01T00:00:01.000Z",
  });
  await using fresh = await prometheus(answers("20"));
  const young = await queryPrometheus(sourceAt(fresh.url, { freshness: "f" }), window);
  expect(young.samples).toHaveLength(2);
});

test.each<[string, Answer, RegExp]>([
  ["an error", (_, __, response) => void response.writeHead(500).end("{}"), /answers 500/],
  ["no JSON", (_, __, response) => void response.end("<html>"), /is none/],
  ["another shape", () => ({ resultType: "streams", result: [] }), /is none/],
  ["silence", () => undefined, /in time/],
  [
    "another address",
    (_, __, response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    /cannot be reached/,
  ],
  [
    "more than can be read",
    (_, __, response) => void response.end(Buffer.alloc(5_000_000, " ")),
    /too large/,
  ],
  [
    "more samples than make sense",
    () => matrix(Array.from({ length: 3000 }, () => [15, "1"])),
    /aggregate the query/,
  ],
])("P3: %s is a reason and no sample", async (_, answer, reason) => {
  await using server = await prometheus(answer);
  const queried = await queryPrometheus(sourceAt(server.url), window);
  expect(queried).toEqual({ samples: [], reason: expect.stringMatching(reason) as string });
  expect(queried.reason).not.toContain(server.url);
});

test("one query that fails takes nothing from the others", async () => {
  await using server = await prometheus((form, _, response) =>
    form.get("query") === "b" ? void response.writeHead(400).end("{}") : matrix([[15, "1"]]),
  );
  const { samples, reason } = await queryPrometheus(sourceAt(server.url), window);
  expect(samples.map(({ arm }) => arm)).toEqual(["canary"]);
  expect(reason).toContain("answers 400");
});

test("the token comes from its file at every look", async () => {
  const dir = await mkdtemp(join(tmpdir(), "council-token-"));
  await using server = await prometheus(() => matrix([[15, "1"]]));
  const tokenFile = join(dir, "token");
  const source = sourceAt(server.url, { tokenFile });
  for (let turn = 0; turn < 2; turn += 1) {
    const token = randomBytes(16).toString("hex");
    await writeFile(tokenFile, `${token}\n`);
    await queryPrometheus(source, window);
    expect(server.asked.at(-1)?.token).toBe(`Bearer ${token}`);
  }
  await rm(dir, { recursive: true });
  expect(await queryPrometheus(source, window)).toMatchObject({ samples: [], reason: /./ });
});

test("a query in another unit than the metric's is refused by name", () => {
  const queries = [{ metric: "latency", unit: "s", canary: "c" }];
  const parsed = sampleSourceSchema.safeParse({ kind: "prometheus", url: "http://p", queries });
  expect(parsed.error?.issues).toMatchObject([
    { path: ["queries", 0, "unit"], message: "latency is measured in ms, not in s" },
  ]);
});
