/**
 * Looks at the sources of a watch, again and again, until the watch ends. Each look is one message that
 * carries where the last one ended; its one commit stores the sight, sends the samples and appends the
 * next look. So every step is taken once, whatever is killed, and another process goes on from it.
 */
import type { Addressed, Bus, Delivery, Outcome } from "@council/bus";
import {
  idAfter,
  inboxes,
  type SampleSource,
  sightSubject,
  type SourceLook,
  sourceLookSchema,
  watchSubject,
} from "@council/contracts";
import type { Sample, WatchState } from "@council/domain";
import { queryPrometheus } from "./query-prometheus.ts";
import { type Seen, type Sight, sightAfter } from "./sight.ts";

const keepMs = 30 * 24 * 3600 * 1000;

export interface Looking {
  readonly bus: Bus;
  readonly clock: () => number;
  /** The sources of a repository; none when it is not configured here. */
  readonly sourcesOf: (repository: string) => readonly SampleSource[];
  /** Aborted when the process stops: looks under way are finished at once. */
  readonly stopping: AbortSignal;
  readonly onSeen: (name: string, kind: "seeing" | "blind", change: Change) => void;
}

export type Change = { readonly hasChanged: boolean; readonly samples: number };

/** The first look of a watch; nothing when its repository has no source. */
export function firstLook(
  sources: readonly SampleSource[],
  watch: {
    readonly patchId: string;
    readonly repository: string;
    readonly stage: string;
    readonly token: number;
    readonly startedAt: number;
    readonly cause: string;
  },
): Addressed[] {
  if (sources.length === 0) return [];
  const { patchId, repository, stage, token, startedAt, cause } = watch;
  const look = { repository, stage, token, after: startedAt, dueAt: startedAt + pauseMs(sources) };
  return [lookMessage(patchId, idAfter(cause, "look"), look, startedAt)];
}

export async function lookAtSources(looking: Looking, delivery: Delivery): Promise<Outcome> {
  const { bus, clock } = looking;
  const { message, partition } = delivery;
  const look = sourceLookSchema.parse(message.body);
  const sources = looking.sourcesOf(look.repository);
  await until(look.dueAt, looking);
  const watch = await readAs<WatchState>(bus, partition, watchSubject(message.subject));
  const state = watch?.value;
  if (!state || state.token !== look.token || state.concluded || sources.length === 0) return {};
  const now = clock();
  const window = { ...look, patch: message.subject, until: now };
  const queried = await Promise.all(sources.map((source) => queryPrometheus(source, window)));
  const stored = await readAs<Sight>(bus, partition, sightSubject(message.subject));
  const before = stored?.value.token === look.token ? stored.value.sources : [];
  const seen = sources.map(({ name, staleAfterMs }, index): Seen => {
    const { samples, reason } = queried[index] ?? { samples: [] };
    const newestAt = newestOfCanary(samples);
    return {
      name,
      staleAfterMs,
      ...(newestAt === undefined ? {} : { newestAt }),
      ...(reason === undefined ? {} : { reason }),
    };
  });
  const sights = seen.map((each, index) => {
    const known = before.find(({ name }) => name === each.name);
    const sight = sightAfter(known, each, { at: now, startedAt: state.startedAt });
    const change = {
      hasChanged: known?.kind !== sight.kind,
      samples: queried[index]?.samples.length ?? 0,
    };
    looking.onSeen(sight.name, sight.kind, change);
    return sight;
  });
  const samples = queried.flatMap((each) => each.samples);
  const next = { ...look, after: now, dueAt: Math.max(now, look.dueAt) + pauseMs(sources) };
  return {
    state: {
      subject: sightSubject(message.subject),
      expectedVersion: stored?.version ?? 0,
      value: JSON.stringify({ token: look.token, sources: sights } satisfies Sight),
      ttlMs: keepMs,
    },
    messages: [
      ...samplesMessage(message.subject, message.id, samples, now),
      lookMessage(message.subject, nextId(message.id, now), next, now),
    ],
  };
}

/** What is known of the sources of a watch; undefined when it has none. */
export async function readSight(
  bus: Bus,
  partition: number,
  patchId: string,
): Promise<Sight | undefined> {
  return (await readAs<Sight>(bus, partition, sightSubject(patchId)))?.value;
}

const pauseMs = (sources: readonly SampleSource[]) =>
  Math.min(...sources.map(({ intervalMs }) => intervalMs));

const newestOfCanary = (samples: readonly Sample[]) =>
  samples.findLast(({ arm }) => arm === "canary")?.at;

/** One id per look: that of the chain, and the time. */
const nextId = (id: string, now: number) => `${id.replace(/~\d+$/, "")}~${now}`;

function lookMessage(patchId: string, id: string, body: SourceLook, at: number): Addressed {
  const core = { v: 1 as const, id, type: "look", subject: patchId, correlationId: patchId };
  return { inbox: inboxes.sampleSources, message: { ...core, at, body } };
}

function samplesMessage(
  patchId: string,
  cause: string,
  samples: readonly Sample[],
  at: number,
): Addressed[] {
  if (samples.length === 0) return [];
  const core = { v: 1 as const, id: idAfter(cause, "samples"), type: "samples", subject: patchId };
  const message = { ...core, correlationId: patchId, causationId: cause, at, body: { samples } };
  return [{ inbox: inboxes.streamingAuditor, message }];
}

async function readAs<T>(bus: Bus, partition: number, subject: string) {
  const read = await bus.readState(partition, subject);
  return read && { version: read.version, value: JSON.parse(read.value) as T };
}

/** Until `dueAt`, or until the process stops: a look may come early, never twice for one step. */
function until(dueAt: number, { clock, stopping }: Looking): Promise<void> {
  const waitMs = dueAt - clock();
  if (waitMs <= 0 || stopping.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stopping.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, waitMs);
    stopping.addEventListener("abort", end);
  });
}
