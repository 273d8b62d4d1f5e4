import { pino, stdSerializers } from "pino";
import { redactLine } from "./redaction.ts";
import { traceFields } from "./tracing.ts";

export const logLevels = ["debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogMethod {
  (message: string): void;
  /** An Error goes under `err`. */
  (fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface Log {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A log whose every line also carries these fields. */
  readonly child: (fields: Readonly<Record<string, unknown>>) => Log;
}

/**
 * JSON lines to stdout (or to `destination`), written synchronously so that the last line before a
 * crash is not lost; each names the span it was written in. No line contains a registered secret, see `registerSecret`.
 */
export function createLog(input: {
  readonly service: string;
  readonly level?: LogLevel;
  readonly destination?: { readonly write: (line: string) => void };
}): Log {
  const destination = input.destination ?? pino.destination({ fd: 1, sync: true });
  return pino(
    {
      level: input.level ?? "info",
      base: { service: input.service, pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      mixin: traceFields,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: {
        err: stdSerializers.err,
        error: stdSerializers.err,
        cause: stdSerializers.err,
      },
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
}
