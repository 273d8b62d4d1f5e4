/** Spans of the requests that change something, each in the trace of the patch it is about. */
import { patchTrace } from "@council/evidence";
import { isTracing, recordSpan } from "@council/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const about = new WeakMap<FastifyRequest, { readonly id: string; readonly isFirst: boolean }>();

/** Says which patch a request turned out to be about; `isFirst` when it brought the patch. */
export function aboutPatch(request: FastifyRequest, id: string, isFirst = false): void {
  if (isTracing()) about.set(request, { id, isFirst });
}

/**
 * A request that brings a patch is the first span of its trace. What a client says of traces of its own is
 * not asked: a stranger could put its patch into another's.
 */
export function traceRequests(app: FastifyInstance): void {
  if (!isTracing()) return;
  app.addHook("onResponse", async (request, reply) => {
    if (request.method === "GET" || request.method === "HEAD") return;
    recordRequest(request, reply);
  });
}

function recordRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { id, isFirst } = about.get(request) ?? {};
  const route = request.routeOptions.url ?? "unknown";
  const place = id === undefined ? undefined : patchTrace(id);
  const { statusCode } = reply;
  recordSpan({
    name: `${request.method} ${route}`,
    role: "server",
    fields: {
      "http.request.method": request.method,
      "http.route": route,
      "http.response.status_code": statusCode,
      "council.patch": id,
    },
    ...(isFirst ? { place } : { parent: place }),
    durationMs: reply.elapsedTime,
    ...(statusCode >= 500 ? { error: String(statusCode) } : {}),
  });
}
