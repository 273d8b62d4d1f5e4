/**
 * The life of a process: load settings, start, wait for a reason to end, stop within a deadline.
 * A bug ends the process at once (crash only): the bus hands its work to another, which is tested far
 * more often than any attempt to go on from an unknown state.
 */
import { flushCompileCache } from "node:module";
import type { Log } from "./log.ts";
import { createLog, logLevels } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { createMetrics } from "./metrics.ts";
import { watchParent } from "./parent-watch.ts";
import { redactText } from "./redaction.ts";
import { findSettingsFiles } from "./find-settings-files.ts";
import { namesOf, nearMisses } from "./unknown-names.ts";
import { RuntimeError } from "./runtime-error.ts";
import type { SettingsDefinition, SettingValues } from "./setting.ts";
import type { LoadedSettings, Provenance, SettingFault } from "./settings.ts";
import { defineSettings, formatFaults, loadSettings } from "./settings.ts";
import { setTracer, stopTracing } from "./tracing.ts";

export interface ServiceContext<D extends SettingsDefinition> {
  readonly name: string;
  readonly settings: SettingValues<D>;
  readonly provenance: Readonly<Record<keyof D & string, Provenance>>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Aborted when the process begins to stop. */
  readonly stopping: AbortSignal;
}

export interface RunningService {
  /** Finishes the work in hand and releases everything. */
  readonly stop: () => Promise<void>;
}

export interface Service<D extends SettingsDefinition> {
  readonly name: string;
  readonly settings: D;
  /** Throws RuntimeError `configuration-refused` when it must not run as configured. */
  readonly start: (context: ServiceContext<D>) => Promise<RunningService>;
  /** Default 10,000. */
  readonly stopDeadlineMs?: number;
}

export const exitCodes = { stopped: 0, failed: 1, configuration: 78 } as const;

/** Settings every process reads beside its own, for the configuration page. */
export const processSettings = defineSettings({
  logLevel: {
    env: "COUNCIL_LOG_LEVEL",
    kind: "string",
    oneOf: logLevels,
    default: "info",
    meaning: "The least severe log line that is written.",
  },
  parentPid: {
    env: "COUNCIL_PARENT_PID",
    kind: "integer",
    min: 1,
    meaning: "The process whose end also ends this one; set by the launcher.",
  },
  otlpEndpoint: {
    env: "OTEL_EXPORTER_OTLP_ENDPOINT",
    kind: "url",
    schemes: ["http", "https"],
    meaning:
      "Where traces are sent, OTLP over HTTP, without `/v1/traces`; none are made without it.",
  },
  otlpHeaders: {
    env: "OTEL_EXPORTER_OTLP_HEADERS",
    kind: "secret",
    meaning: "Headers sent with the traces, `name=value`, comma separated.",
  },
});

/**
 * Runs a service until SIGTERM, SIGINT or the end of its parent, then stops it and exits 0. Exits 1
 * when it crashes, fails to start or does not stop in time, 78 when the configuration is refused; the
 * reason is one sentence on stderr. Resolves when the service is up.
 */
export async function runService<const D extends SettingsDefinition>(
  service: Service<D>,
): Promise<void> {
  const files = await findSettingsFiles(process.env);
  const alsoKnown = namesOf(service.settings);
  const own = await loadSettings(processSettings, { env: process.env, ...files, alsoKnown });
  const argv = process.argv.slice(2);
  const loaded = await loadSettings(service.settings, { argv, env: process.env, ...files });
  if (own.kind === "invalid" || loaded.kind === "invalid") {
    return refuseConfiguration(service.name, [own, loaded]);
  }
  const log = createLog({ service: service.name, level: own.values.logLevel });
  crashOnBugs(log);
  const slips = nearMisses(Object.keys(process.env));
  if (slips.length > 0) log.warn({ slips }, "variables that nothing reads, and what was meant");
  await beginTracing(service.name, own.values, log);
  await live(service, loaded, log, own.values.parentPid);
}

/** Loads the code that makes spans only when there is somewhere to send them. */
async function beginTracing(
  service: string,
  { otlpEndpoint: endpoint, otlpHeaders: headers = "" }: SettingValues<typeof processSettings>,
  log: Log,
): Promise<void> {
  if (endpoint === undefined) return;
  const { otlpTracer } = await import("./otlp-tracer.ts");
  setTracer(otlpTracer({ service, endpoint, headers }, log));
}

async function live<D extends SettingsDefinition>(
  service: Service<D>,
  loaded: Extract<LoadedSettings<D>, { kind: "loaded" }>,
  log: Log,
  parentPid: number | undefined,
): Promise<void> {
  const stopping = new AbortController();
  const started = Promise.withResolvers<RunningService>();
  const beginStop = (reason: string): void => {
    if (stopping.signal.aborted) {
      log.warn({ reason }, "asked to stop again: leaving at once");
      process.exit(exitCodes.failed);
    }
    stopping.abort(reason);
    void stopAndExit({
      started: started.promise,
      log,
      reason,
      deadlineMs: service.stopDeadlineMs ?? 10_000,
    });
  };
  process.on("SIGTERM", beginStop);
  process.on("SIGINT", beginStop);
  watchParent(parentPid, () => {
    if (!stopping.signal.aborted) beginStop("the parent process is gone");
  });
  try {
    const { values, provenance } = loaded;
    const metrics = createMetrics(service.name);
    const context = { name: service.name, settings: values, provenance, log, metrics };
    started.resolve(await service.start({ ...context, stopping: stopping.signal }));
    // A process killed later leaves what it compiled to its successor; without a cache this does nothing.
    flushCompileCache();
    log.info({ node: process.version }, "service is up");
  } catch (error) {
    if (stopping.signal.aborted) {
      log.info({ err: error }, "stopped before it was up");
      process.exit(exitCodes.stopped);
    }
    failStart(service.name, log, error);
  }
}

async function stopAndExit(input: {
  readonly started: Promise<RunningService>;
  readonly log: Log;
  readonly reason: string;
  readonly deadlineMs: number;
}): Promise<never> {
  const { log, reason, deadlineMs } = input;
  log.info({ reason, deadlineMs }, "stopping");
  setTimeout(() => {
    log.error({ deadlineMs }, "did not stop in time: leaving the rest to the next process");
    process.exit(exitCodes.failed);
  }, deadlineMs);
  try {
    const running = await input.started;
    await running.stop();
    await stopTracing();
  } catch (error) {
    log.error({ err: error }, "stopping failed");
    process.exit(exitCodes.failed);
  }
  log.info("stopped");
  process.exit(exitCodes.stopped);
}

function crashOnBugs(log: Log): void {
  const crash = (error: unknown): never => {
    log.fatal({ err: error }, "a bug ended the process");
    process.exit(exitCodes.failed);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}

function failStart(name: string, log: Log, error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  log.fatal({ err: error }, "the service could not start");
  process.stderr.write(`${redactText(`${name} could not start: ${message}`)}\n`);
  const isConfiguration = error instanceof RuntimeError && error.code === "configuration-refused";
  process.exit(isConfiguration ? exitCodes.configuration : exitCodes.failed);
}

function refuseConfiguration(
  name: string,
  outcomes: readonly (
    | { readonly kind: "loaded" }
    | { readonly kind: "invalid"; readonly faults: readonly SettingFault[] }
  )[],
): never {
  const faults = outcomes.flatMap((outcome) => (outcome.kind === "invalid" ? outcome.faults : []));
  // Both readings report a broken settings file; the operator needs it once.
  const lines = new Set(formatFaults(faults).split("\n"));
  const text = `${name} could not start: its configuration is refused.\n${[...lines].join("\n")}\n`;
  process.stderr.write(redactText(text));
  process.exit(exitCodes.configuration);
}
