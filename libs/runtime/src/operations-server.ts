import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { problem, problemContentType } from "./problem.ts";
import { redactText } from "./redaction.ts";
import { RuntimeError } from "./runtime-error.ts";

export type CheckOutcome =
  | { readonly kind: "ok" }
  | { readonly kind: "failing"; readonly reason: string };

export type Check = () => Promise<CheckOutcome>;

export interface Operations {
  /** The port really bound. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface Readiness {
  readonly kind: "ready" | "failing";
  readonly checks: Readonly<Record<string, CheckOutcome>>;
}

/**
 * Serves `/healthz` (the process answers), `/readyz` (every check, 503 and the failing ones named) and
 * `/metrics`. Port 0 takes a free one. Throws RuntimeError `listen-failed` when it cannot bind.
 */
export async function serveOperations(input: {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly metrics: Metrics;
  readonly checks: Readonly<Record<string, Check>>;
  readonly log: Log;
  /** How long one check may take; default 2,000. */
  readonly checkDeadlineMs?: number;
}): Promise<Operations> {
  const readiness = singleFlight(() => runChecks(input.checks, input.checkDeadlineMs ?? 2000));
  const server = createServer(
    { requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 5000, maxHeaderSize: 8192 },
    (request, response) => {
      answer(request, response, { readiness, metrics: input.metrics }).catch((error: unknown) => {
        input.log.error({ err: error }, "an operations request failed");
        response.destroy();
      });
    },
  );
  const port = await listen(server, input.port, input.host ?? "127.0.0.1");
  input.log.info({ port }, "operations endpoint is up");
  return { port, close: () => closeServer(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  source: { readonly readiness: () => Promise<Readiness>; readonly metrics: Metrics },
): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0];
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return refuse(response, 405, "this endpoint is read-only");
  }
  switch (path) {
    case "/healthz":
      return send(response, 200, "application/json", JSON.stringify({ kind: "live" }));
    case "/readyz": {
      const readiness = await source.readiness();
      const status = readiness.kind === "ready" ? 200 : 503;
      return send(response, status, "application/json", JSON.stringify(readiness));
    }
    case "/metrics":
      return send(response, 200, source.metrics.contentType, await source.metrics.expose());
    default:
      return refuse(response, 404, "the paths here are /healthz, /readyz and /metrics");
  }
}

function refuse(response: ServerResponse, status: 404 | 405, detail: string): void {
  const title = status === 404 ? "Not found" : "Method not allowed";
  const body = problem({ type: "about:blank", status, title, detail });
  send(response, status, problemContentType, JSON.stringify(body));
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}

async function runChecks(
  checks: Readonly<Record<string, Check>>,
  deadlineMs: number,
): Promise<Readiness> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(
      async ([name, check]) => [name, await runCheck(check, deadlineMs)] as const,
    ),
  );
  const isReady = outcomes.every(([, outcome]) => outcome.kind === "ok");
  return { kind: isReady ? "ready" : "failing", checks: Object.fromEntries(outcomes) };
}

// A check that throws or hangs is failing; only that keeps one broken dependency from hiding others.
async function runCheck(check: Check, deadlineMs: number): Promise<CheckOutcome> {
  const { promise: late, resolve } = Promise.withResolvers<CheckOutcome>();
  const timer = setTimeout(
    () => resolve({ kind: "failing", reason: `no answer within ${deadlineMs} ms` }),
    deadlineMs,
  );
  try {
    const outcome = await Promise.race([check(), late]);
    return outcome.kind === "ok"
      ? outcome
      : { kind: "failing", reason: redactText(outcome.reason) };
  } catch (error) {
    return { kind: "failing", reason: redactText(messageOf(error)) };
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Concurrent probes share one run, so that probing cannot load the dependencies.
function singleFlight<T>(run: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  return () => {
    current ??= run().finally(() => {
      current = undefined;
    });
    return current;
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new RuntimeError(
      "listen-failed",
      `cannot listen on ${host}:${port}: ${messageOf(error)}`,
      error,
    );
  }
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
