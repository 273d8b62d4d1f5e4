/** One look at a Prometheus: every query, both arms, everything measured since the last look. */
import { readFile } from "node:fs/promises";
import type { SampleSource, SourceQuery } from "@council/contracts";
import type { Arm, Sample } from "@council/domain";
import { z } from "zod";

export interface Window {
  readonly patch: string;
  readonly stage: string;
  readonly repository: string;
  /** Exclusive, milliseconds since the epoch. */
  readonly after: number;
  /** Inclusive. */
  readonly until: number;
}

export interface Queried {
  readonly samples: readonly Sample[];
  /** The first thing that went wrong. Samples of the other queries are still good. */
  readonly reason?: string;
}

/** Prometheus took too long, refused, or said something that is no answer. */
class SourceError extends Error {}

const mostBytes = 4_000_000;
/** Most samples of one look: a query that gives more is broken, not thorough. */
const mostSamples = 5000;

const pointSchema = z.tuple([z.number(), z.string()]);
const answerSchema = z.object({
  status: z.literal("success"),
  data: z.discriminatedUnion("resultType", [
    z.object({
      resultType: z.literal("matrix"),
      result: z.array(z.object({ values: z.array(pointSchema) })),
    }),
    z.object({
      resultType: z.literal("vector"),
      result: z.array(z.object({ value: pointSchema })),
    }),
    z.object({ resultType: z.literal("scalar"), result: pointSchema }),
  ]),
});

/** Never rejects: what cannot be had is a reason, and the look goes on without it (P3). */
export async function queryPrometheus(source: SampleSource, window: Window): Promise<Queried> {
  try {
    const token = source.tokenFile && (await readFile(source.tokenFile, "utf8")).trim();
    const stale = await staleness(source, window, token);
    if (stale !== undefined) return { samples: [], reason: stale };
    const asked = source.queries.flatMap((query) => [
      ask(source, { query, arm: "canary", promql: query.canary }, window, token),
      ...(query.baseline === undefined
        ? []
        : [ask(source, { query, arm: "baseline", promql: query.baseline }, window, token)]),
    ]);
    const answers = await Promise.allSettled(asked);
    const failed = answers.find((answer) => answer.status === "rejected");
    const samples = answers
      .flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
      .toSorted((left, right) => left.at - right.at);
    if (samples.length > mostSamples)
      return { samples: [], reason: `${samples.length} samples in one look; aggregate the query` };
    return { samples, ...(failed ? { reason: wordsOf(failed.reason) } : {}) };
  } catch (error) {
    return { samples: [], reason: wordsOf(error) };
  }
}

interface Question {
  readonly query: SourceQuery;
  readonly arm: Arm;
  readonly promql: string;
}

/** NaN and infinities are what a query gives without traffic: gaps, no measurements. */
async function ask(
  source: SampleSource,
  { query, arm, promql }: Question,
  window: Window,
  token: string | undefined,
): Promise<Sample[]> {
  const { metric, unit, mode } = query;
  const text = filled(promql, window);
  const points =
    mode === "instant"
      ? await instant(source, text, window.until, token)
      : await range(source, text, window, token);
  return points.flatMap(([seconds, written]) => {
    const value = Number(written);
    const at = Math.round(seconds * 1000);
    return Number.isFinite(value) ? [{ metric, arm, value, unit, at }] : [];
  });
}

type Point = z.infer<typeof pointSchema>;

/** Steps lie on one grid for ever, so that consecutive looks share none and miss none. */
async function range(
  source: SampleSource,
  query: string,
  { after, until }: Window,
  token: string | undefined,
): Promise<Point[]> {
  const { intervalMs } = source;
  const start = (Math.floor(after / intervalMs) + 1) * intervalMs;
  const end = Math.floor(until / intervalMs) * intervalMs;
  if (start > end) return [];
  const form = { query, start: start / 1000, end: end / 1000, step: intervalMs / 1000 };
  return post(source, "query_range", form, token);
}

function instant(source: SampleSource, query: string, at: number, token: string | undefined) {
  return post(source, "query", { query, time: at / 1000 }, token);
}

/** Why the source shows only old measurements; undefined when it does not, or was not asked to tell. */
async function staleness(source: SampleSource, window: Window, token: string | undefined) {
  const { freshness, staleAfterMs } = source;
  if (freshness === undefined) return undefined;
  const points = await instant(source, filled(freshness, window), window.until, token);
  const newest = Math.max(...points.map(([, value]) => Number(value) * 1000));
  if (window.until - newest <= staleAfterMs) return undefined;
  if (!Number.isFinite(newest)) return "nothing tells how fresh its measurements are";
  return `its newest measurement is of ${new Date(newest).toISOString()}`;
}

async function post(
  { url, timeoutMs }: SampleSource,
  path: string,
  form: Readonly<Record<string, string | number>>,
  token: string | undefined,
): Promise<Point[]> {
  const base = url.endsWith("/") ? url : `${url}/`;
  const fields = Object.entries(form).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const response = await fetch(new URL(`api/v1/${path}`, base), {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: token ? { authorization: `Bearer ${token}` } : {},
    redirect: "error", // the token is for this address and no other
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await boundedText(response);
  if (!response.ok) throw new SourceError(`it answers ${response.status} to ${path}`);
  const parsed = answerSchema.safeParse(readJson(text));
  if (!parsed.success) throw new SourceError(`its answer to ${path} is none`);
  const { data } = parsed.data;
  switch (data.resultType) {
    case "matrix":
      return data.result.flatMap(({ values }) => values);
    case "vector":
      return data.result.map(({ value }) => value);
    case "scalar":
      return [data.result];
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > mostBytes) throw new SourceError("its answer is too large; aggregate the query");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is watched, put into the query; quotes and backslashes cannot end the string they stand in. */
function filled(promql: string, { patch, stage, repository }: Window): string {
  const names: Record<string, string> = { patch, stage, repository };
  return promql.replaceAll(/\{\{(patch|stage|repository)\}\}/g, (_, name: string) =>
    (names[name] ?? "").replaceAll(/["\\`'\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`)),
  );
}

/** No address and no token: a reason is shown to people. */
function wordsOf(error: unknown): string {
  if (error instanceof SourceError) return error.message;
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError") return "it does not answer in time";
  return "it cannot be reached";
}
