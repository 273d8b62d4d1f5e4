/** The routes by which people and tools look at what happens. */
import { headers, routes } from "@council/contracts";
import { encodeCursor } from "@council/bus";
import { isSameScope, restingKinds, type StopScope } from "@council/domain";
import type { FastifyInstance, FastifyReply } from "fastify";
import { explainRevert } from "./explain-revert.ts";
import type { GatewayDeps } from "./gateway.ts";
import { readGovernance } from "./governance-routes.ts";
import { findPatch } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { readBundle } from "./read-bundle.ts";
import { type ListQuery, listPatches, readPatch } from "./read-patches.ts";
import type { EventStreams } from "./stream-events.ts";

/** The query string as the framework reads it: a field may stand twice. */
type Query = Readonly<Record<string, string | string[] | undefined>>;

const usualLimit = 50;
const mostPatches = 200;

/** Every state a patch can be asked for by. */
export const stateKinds: readonly string[] = [
  ...restingKinds,
  "submitted",
  "rendering",
  "comparing",
  "auditing",
  "held",
  "landing",
  "watching",
  "reverting",
];

export function addReadRoutes(
  app: FastifyInstance,
  deps: GatewayDeps,
  streams: EventStreams,
): void {
  const { access, call } = deps;
  const sendPatch = async (name: string, field: string, reply: FastifyReply) => {
    const place = await findPatch(deps, name, field);
    const patch = await call((bus) => readPatch(bus, place));
    const { stops } = await readGovernance(deps);
    const own: StopScope = { kind: "patch", name: place.id };
    const stop = stops.find(({ scope }) => isSameScope(scope, own));
    if (patch.auditHash !== undefined) reply.header(headers.auditHash, patch.auditHash);
    return reply.send({ ...patch, ...(stop ? { stop } : {}) });
  };
  app.get<{ Querystring: Query }>(routes.patches, async (request, reply) => {
    access.reader(request.headers);
    const query = listQuery(request.query);
    // Read before the list: whoever follows from here misses nothing that is not in the list.
    const cursor = encodeCursor(deps.feed.position);
    const page = await call((bus) => listPatches(bus, query));
    return reply.send({ ...page, cursor });
  });
  app.get<{ Params: { id: string } }>(routes.patch, async (request, reply) => {
    access.reader(request.headers);
    return sendPatch(request.params.id, "id", reply);
  });
  app.get<{ Params: { id: string } }>(routes.why, async (request, reply) => {
    access.reader(request.headers);
    const place = await findPatch(deps, request.params.id, "id");
    return reply.send(await explainRevert(call, place));
  });
  app.get<{ Params: { id: string } }>(routes.bundle, async (request, reply) => {
    access.reader(request.headers);
    const place = await findPatch(deps, request.params.id, "id");
    return reply.send(await call((bus) => readBundle(bus, place)));
  });
  app.get<{ Params: { pr: string } }>(routes.legacyAudit, async (request, reply) => {
    access.reader(request.headers);
    return sendPatch(request.params.pr, "pr", reply);
  });
  app.get<{ Querystring: Query }>(routes.events, (request, reply) => {
    access.reader(request.headers);
    const start = streams.startOf({
      lastEventId: single(request.headers["last-event-id"], "last-event-id"),
      cursor: single(request.query["cursor"], "cursor"),
      from: single(request.query["from"], "from"),
    });
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      // The connection ends with the feed; kept alive it would hold up a gateway that stops.
      connection: "close",
    });
    streams.serve(reply.raw, start);
  });
}

function listQuery(query: Query): ListQuery {
  const limit = wholeNumber(query, "limit", 1, mostPatches) ?? usualLimit;
  const before = wholeNumber(query, "before", 0, Number.MAX_SAFE_INTEGER);
  const kind = single(query["state"], "state");
  if (kind !== undefined && !stateKinds.includes(kind)) {
    throw invalidQuery("state", "is no state of a patch", `use one of ${stateKinds.join(", ")}`);
  }
  return {
    limit,
    ...(before === undefined ? {} : { before }),
    ...(kind === undefined ? {} : { kind }),
  };
}

function wholeNumber(query: Query, field: string, least: number, most: number) {
  const text = single(query[field], field);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalidQuery(field, `is not a whole number from ${least} to ${most}`, `correct ${field}`);
}

function single(value: string | string[] | undefined, field: string): string | undefined {
  if (!Array.isArray(value)) return value;
  throw invalidQuery(field, "is given more than once", "give it once");
}

function invalidQuery(field: string, detail: string, remedy: string): GatewayError {
  return new GatewayError("query-invalid", { field, detail: `${field} ${detail}`, remedy });
}
