/**
 * Keeps the watch over each patch: its windows are stored with every batch, in the same commit that
 * acknowledges the batch and tells the patch of a verdict. So a batch counts once, whatever is killed,
 * and a restart changes no verdict.
 */
import type { Bus, Delivery, Outcome, StateChange } from "@council/bus";
import {
  type Assignment,
  answer,
  readAssignment,
  type SampleSource,
  sampleBatchSchema,
  type StoredWatch,
  watchSubject,
} from "@council/contracts";
import {
  type Look,
  type Observer,
  type Sample,
  startWatch,
  type WatchState,
} from "@council/domain";
import { firstLook, readSight } from "./sources/look-at-sources.ts";
import { toldWith } from "./sources/sight.ts";
import { extendTrace } from "./watch-trace.ts";

/** A watch is forgotten this long after its last change, milliseconds. */
const keepMs = 30 * 24 * 3600 * 1000;
/** Longest reason the patch takes, characters. */
const maxWhy = 4000;

export interface Watching {
  readonly bus: Bus;
  readonly observer: Observer;
  readonly clock: () => number;
  /** Where the samples of a repository are fetched from. */
  readonly sourcesOf: (repository: string) => readonly SampleSource[];
  readonly onLook: (look: Look, lateMs: number) => void;
  /** Samples that belong to no watch, or were measured before it began. */
  readonly onUnwatched: (count: number) => void;
}

export async function handleWatch(watching: Watching, delivery: Delivery): Promise<Outcome> {
  if (delivery.message.type === "samples") return takeSamples(watching, delivery);
  const assignment = readAssignment(delivery.message.body, [
    "watch",
    "conclude-watch",
    "stop-watch",
  ]);
  if (!assignment) throw new Error(`not for a watch: ${delivery.message.type}`);
  const { effect } = assignment;
  switch (effect.type) {
    case "watch":
      return beginWatch(watching, delivery, { ...assignment, effect });
    case "conclude-watch":
      return concludeWatch(watching, delivery, effect.token);
    case "stop-watch":
      return endWatch(watching, delivery, effect.token);
  }
}

/**
 * A new stage begins with empty windows: what an earlier one showed is not evidence for it. Messages may
 * come late and in any order; the token says which landing they mean, and an older one changes nothing.
 */
async function beginWatch(
  { bus, sourcesOf }: Watching,
  delivery: Delivery,
  { patch: { repository }, effect }: Assignment<"watch">,
): Promise<Outcome> {
  const { stage, token, rules, watchMinMs, level } = effect;
  const { subject: patchId, at } = delivery.message;
  const startedAt = at + (effect.delayMs ?? 0);
  const { version, state: known } = await readWatch(bus, delivery);
  if (known && known.token >= token) return {};
  const own = level === undefined ? {} : { level };
  const state = startWatch({ patchId, stage, token, startedAt, watchMinMs, rules, ...own });
  const { id: cause } = delivery.message;
  const watch = { patchId, repository, stage, token, startedAt, cause };
  return {
    // What earlier stages looked like stays to be seen; it is evidence for nothing.
    state: change(patchId, version, traced(state, known)),
    messages: firstLook(sourcesOf(repository), watch),
  };
}

async function takeSamples(watching: Watching, delivery: Delivery): Promise<Outcome> {
  const { samples } = sampleBatchSchema.parse(delivery.message.body) as { samples: Sample[] };
  const { version, state } = await readWatch(watching.bus, delivery);
  const usable = state ? samples.filter((sample) => sample.at >= state.startedAt) : [];
  watching.onUnwatched(samples.length - usable.length);
  if (!state || state.concluded || usable.length === 0) return {};
  const now = watching.clock();
  const look = await told(watching, delivery, watching.observer.observe(state, usable, now));
  watching.onLook(look, now - delivery.message.at);
  return reported(delivery, version, look, state);
}

/**
 * The watch has lasted its longest: what is known now is said. A message that has overtaken the watch it
 * means is tried again: dropped, nobody would ever ask anew, and the patch would stay where it is.
 */
async function concludeWatch(
  watching: Watching,
  delivery: Delivery,
  token: number,
): Promise<Outcome> {
  const { version, state } = await readWatch(watching.bus, delivery);
  if (!state || state.token < token) throw new Error("the watch to conclude has not begun");
  if (state.concluded || state.token !== token) return {};
  const concluded = watching.observer.conclude(state, watching.clock());
  const look = await told(watching, delivery, concluded);
  return reported(delivery, version, look, state);
}

/** P3: a look that says healthy while a source is blind says inconclusive. */
async function told(
  { bus }: Watching,
  { partition, message }: Delivery,
  look: Look,
): Promise<Look> {
  if (look.observation.kind !== "healthy") return look;
  return toldWith(look, await readSight(bus, partition, message.subject));
}

async function endWatch({ bus }: Watching, delivery: Delivery, token: number): Promise<Outcome> {
  const { version, state } = await readWatch(bus, delivery);
  if (!state || state.concluded || state.token > token) return {};
  return { state: change(delivery.message.subject, version, { ...state, concluded: "healthy" }) };
}

function reported(
  delivery: Delivery,
  version: number,
  { state, observation }: Look,
  known: StoredWatch,
): Outcome {
  const trace = extendTrace(known.trace, state.stage, observation);
  const stored = change(delivery.message.subject, version, { ...state, trace });
  if (observation.kind === "watching") return { state: stored };
  const { stage, token } = state;
  // The readings hold every number; a sentence too long to be taken would hold the verdict up.
  const said = { ...observation, why: observation.why.slice(0, maxWhy) };
  const body = { type: "record-observation" as const, stage, token, observation: said };
  return { state: stored, ...answer(delivery.message, body) };
}

function traced(state: WatchState, known: StoredWatch | undefined): StoredWatch {
  return known?.trace ? { ...state, trace: known.trace } : state;
}

async function readWatch(
  bus: Bus,
  delivery: Delivery,
): Promise<{ version: number; state?: StoredWatch }> {
  const read = await bus.readState(delivery.partition, watchSubject(delivery.message.subject));
  if (!read) return { version: 0 };
  return { version: read.version, state: JSON.parse(read.value) as StoredWatch };
}

function change(patchId: string, expectedVersion: number, state: StoredWatch): StateChange {
  return {
    subject: watchSubject(patchId),
    expectedVersion,
    value: JSON.stringify(state),
    ttlMs: keepMs,
  };
}
