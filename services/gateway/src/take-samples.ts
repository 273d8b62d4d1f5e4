/**
 * Measurements on their way to the streaming auditor: per patch one message, taken in once per
 * delivery (P1). Every line is checked before anything is taken.
 */
import { inboxes, sampleLineSchema } from "@council/contracts";
import { type Metric, metricUnits, type Sample } from "@council/domain";
import type { BusCall } from "./bounded-bus.ts";
import { backpressure, deliveryConflict } from "./ingest-refusals.ts";
import { partitionOn } from "./patch-names.ts";
import type { Issue } from "./problems.ts";
import { type BodySchema, invalidBody, issuesOf, readJson } from "./read-body.ts";
import { rememberMs, sha256 } from "./take-patch.ts";
import type { Signed } from "./verify-signature.ts";

const mostLines = 5000;
const mostIssues = 50;

export interface Sampling {
  readonly call: BusCall;
  readonly partitions: number;
  readonly clock: () => number;
}

type Batches = ReadonlyMap<string, readonly Sample[]>;

/** `POST /v1/samples`: takes all lines in, or none. Answers how many there were. */
export async function takeSamples(deps: Sampling, signed: Signed): Promise<{ accepted: number }> {
  const batches = readLines(signed.text, deps.partitions);
  await sendSamples(deps, signed, batches);
  return { accepted: [...batches.values()].reduce((sum, samples) => sum + samples.length, 0) };
}

/**
 * Appends each patch's samples unless this delivery brought them before. After a failure half way the
 * same delivery can be sent again: what was taken is not taken twice.
 */
export async function sendSamples(
  deps: Pick<Sampling, "call" | "clock">,
  { sender, deliveryId, text }: Signed,
  batches: Batches,
): Promise<void> {
  const digest = sha256(text);
  for (const [patchId, samples] of batches) {
    const key = `samples:${sender}:${deliveryId}:${patchId}`;
    const id = `samples-${sha256(key).slice(0, 32)}`;
    const message = {
      v: 1 as const,
      id,
      type: "samples",
      subject: patchId,
      correlationId: patchId,
      at: deps.clock(),
      body: { samples },
    };
    const reply = await deps.call((bus) =>
      bus.ingest(partitionOn(bus, patchId) ?? 0, {
        id,
        keys: [{ key, digest }],
        messages: [{ inbox: inboxes.streamingAuditor, message }],
        ttlMs: rememberMs,
      }),
    );
    if (reply.kind === "backpressure") throw backpressure(reply.inbox);
    if (reply.kind === "conflict") throw deliveryConflict(sender, deliveryId);
  }
}

function readLines(text: string, partitions: number): Batches {
  const lines = text.split("\n");
  if (lines.at(-1)?.trim() === "") lines.pop();
  if (lines.length === 0) throw invalidBody([fault("body", "no line", "send one sample per line")]);
  if (lines.length > mostLines) {
    const detail = `${lines.length} lines, at most ${mostLines} are taken`;
    throw invalidBody([fault("body", detail, "send them in several deliveries")]);
  }
  const batches = new Map<string, Sample[]>();
  const issues: Issue[] = [];
  for (const [index, line] of lines.entries()) {
    const read = readLine(line, `line ${index + 1}`, partitions);
    if (read.kind === "faulty") issues.push(...read.issues);
    else {
      const batch = batches.get(read.patch);
      if (batch) batch.push(read.sample);
      else batches.set(read.patch, [read.sample]);
    }
    if (issues.length >= mostIssues) break;
  }
  if (issues.length > 0) throw invalidBody(issues);
  return batches;
}

type ReadLine =
  | { readonly kind: "sample"; readonly patch: string; readonly sample: Sample }
  | { readonly kind: "faulty"; readonly issues: readonly Issue[] };

interface SampleLine {
  readonly patch: string;
  readonly metric: Metric;
  readonly arm: Sample["arm"];
  readonly value: number;
  readonly unit: string;
  readonly at: number | string;
}

function readLine(line: string, where: string, partitions: number): ReadLine {
  const faulty = (...issues: Issue[]): ReadLine => ({ kind: "faulty", issues });
  const json = readJson(line);
  if (json.kind === "faulty") return faulty(fault(where, json.fault, "send one object per line"));
  const schema: BodySchema<SampleLine> = sampleLineSchema;
  const parsed = schema.safeParse(json.value);
  if (!parsed.success) return faulty(...issuesOf(parsed.error.issues, where));
  const { patch, at, ...rest } = parsed.data;
  if (partitionOn({ partitions }, patch) === undefined) {
    return faulty(fault(`${where}.patch`, "is not a patch id", "use the id of the submission"));
  }
  const unit = metricUnits[rest.metric];
  if (rest.unit !== unit) {
    const detail = `${rest.metric} is measured in ${unit}`;
    return faulty(fault(`${where}.unit`, detail, `convert the value and send "${unit}"`));
  }
  const atMs = typeof at === "number" ? at : Date.parse(at);
  if (!Number.isSafeInteger(atMs)) {
    return faulty(fault(`${where}.at`, "is not a time", "send milliseconds since the epoch"));
  }
  return { kind: "sample", patch, sample: { ...rest, at: atMs } };
}

function fault(field: string, detail: string, remedy: string): Issue {
  return { field, detail, remedy };
}
