/**
 * The only HTTP edge. Composes the routes over one Fastify instance; knows no Redis, git or clock of
 * its own. Nothing is answered 202 before the bus has stored it (P8), and every refusal is a problem
 * document.
 */
import type { DrillQueue } from "@council/bus";
import { routes } from "@council/contracts";
import type { SpendLedger } from "@council/domain";
import type { Forges } from "@council/forge";
import type { Mirrors } from "@council/git";
import type { Log } from "@council/runtime";
import fastify, { type FastifyInstance } from "fastify";
import type { BusCall } from "./bounded-bus.ts";
import { addAccuracyRoutes } from "./accuracy-routes.ts";
import { addDrillRoutes, type DrillBook } from "./drill-routes.ts";
import { drainOnClose } from "./drain-connections.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { GuardedRepositories } from "./guarded-repositories.ts";
import { addApiRoute } from "./openapi/add-api-route.ts";
import { answerError, handleErrors, refuseConnection } from "./handle-errors.ts";
import { addIntakeRoutes } from "./intake-routes.ts";
import type { LedgerFeed } from "./ledger-feed.ts";
import type { Access } from "./operator-token.ts";
import { addGovernanceRoutes } from "./governance-routes.ts";
import { addPatchActions } from "./patch-actions.ts";
import { addOperatorRoutes } from "./operator-routes.ts";
import { addPageRoutes, type ShownSetting } from "./page-routes.ts";
import { addQuorumRoutes } from "./quorum-routes.ts";
import { addReadRoutes } from "./read-routes.ts";
import { addRevertRoutes } from "./revert-routes.ts";
import { addSpendRoutes } from "./spend-routes.ts";
import type { SenderLimit } from "./sender-limit.ts";
import type { SenderSecrets } from "./sender-secrets.ts";
import { servePage } from "./serve-page.ts";
import { EventStreams, type Streaming } from "./stream-events.ts";
import { traceRequests } from "./trace-requests.ts";
import { addWaiverRoutes } from "./waiver-routes.ts";

export interface GatewayDeps {
  readonly call: BusCall;
  readonly partitions: number;
  readonly repositories: GuardedRepositories;
  readonly mirrors: Mirrors;
  readonly secrets: SenderSecrets;
  readonly githubSecret: string | undefined;
  readonly giteaSecret: string | undefined;
  readonly gitlabSecret: string | undefined;
  readonly forges: Forges;
  readonly access: Access;
  /** Bearer token of telemetry pipelines; without one their deliveries are signed. */
  readonly otlpToken: string | undefined;
  readonly limit: SenderLimit;
  readonly feed: LedgerFeed;
  readonly metrics: GatewayMetrics;
  readonly spending: SpendLedger;
  readonly drills: DrillBook;
  readonly drillQueue: DrillQueue;
  readonly log: Log;
  readonly clock: () => number;
  /** Folder of the built operators' page; it need not be there. */
  readonly pageFolder: string;
  /** This process's settings with their sources. */
  readonly shownSettings: readonly ShownSetting[];
  /** Told of every route as it is added: `GET /v1/patches`. */
  readonly onRoute?: ((route: string) => void) | undefined;
  /** Limits of the live feed, where they differ from the usual. */
  readonly streaming?: Pick<Streaming, "heartbeatMs" | "mostBuffered" | "drainMs">;
}

/** Bytes of a body on routes that set no limit of their own. */
const usualBodyLimit = 64_000;

/** The page loads its own files and nothing else, and nobody may frame it. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** Builds the gateway; the caller lets it listen and closes it. Closing ends the live feeds first. */
export async function buildGateway(deps: GatewayDeps): Promise<FastifyInstance> {
  const { log, metrics } = deps;
  const app = fastify({
    logger: false,
    bodyLimit: usualBodyLimit,
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    // What arrives on an open connection while stopping is still served.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 300 },
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply, log);
    },
    clientErrorHandler: (error, socket) => refuseConnection(error, socket),
  });
  // Signatures cover the bytes as sent, so no body is parsed before its signature is checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  const { onRoute } = deps;
  if (onRoute)
    app.addHook("onRoute", ({ method, url }) =>
      [method].flat().forEach((each) => onRoute(`${each} ${url}`)),
    );
  handleErrors(app, log);
  drainOnClose(app);
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(securityHeaders);
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    if (route === routes.events) return; // it lasts as long as somebody looks
    metrics.onAnswered(route, reply.statusCode, reply.elapsedTime / 1000);
  });
  traceRequests(app);
  const streams = new EventStreams({
    ...deps.streaming,
    feed: deps.feed,
    partitions: deps.partitions,
    onClients: metrics.onClients,
    onError: (err) => log.warn({ err }, "a live feed broke off"),
  });
  app.addHook("preClose", async () => streams.close());
  addIntakeRoutes(app, deps);
  addReadRoutes(app, deps, streams);
  addOperatorRoutes(app, deps);
  addRevertRoutes(app, deps);
  addPatchActions(app, deps);
  addGovernanceRoutes(app, deps);
  addWaiverRoutes(app, deps);
  addSpendRoutes(app, deps);
  addDrillRoutes(app, deps);
  addAccuracyRoutes(app, deps);
  addQuorumRoutes(app, deps);
  addHealthRoutes(app, deps);
  addPageRoutes(app, deps);
  addApiRoute(app);
  await servePage(app, deps.pageFolder, log);
  return app;
}

function addHealthRoutes(app: FastifyInstance, { call, metrics }: GatewayDeps): void {
  app.get("/healthz", async (_request, reply) => reply.send({ kind: "live" }));
  app.get("/readyz", async (_request, reply) => {
    try {
      await call((bus) => bus.readState(0, "ready"));
      return await reply.send({ kind: "ready", checks: { redis: { kind: "ok" } } });
    } catch {
      const redis = { kind: "failing", reason: "Redis does not answer" };
      return reply.code(503).send({ kind: "failing", checks: { redis } });
    }
  });
  app.get("/metrics", async (_request, reply) =>
    reply.header("content-type", metrics.contentType).send(await metrics.expose()),
  );
}
