/** The score a repository's benchmark is compared with: read by anybody who may read, approved by a person. */
import { createHash } from "node:crypto";
import {
  baselineBodySchema,
  baselineSubject,
  inboxes,
  routes,
  type StoredBaseline,
} from "@council/contracts";
import type { FastifyInstance } from "fastify";
import { readIdempotencyKey } from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { checkContentType } from "./intake-routes.ts";
import { checked, parseJson, textOf } from "./read-body.ts";

type Named = { Params: { repository: string } };

export function addAccuracyRoutes(
  app: FastifyInstance,
  { access, call, clock, repositories }: GatewayDeps,
): void {
  app.get<Named>(routes.accuracy, async (request, reply) => {
    access.reader(request.headers);
    const { config } = repositories.byId(request.params.repository);
    const read = await call((bus) =>
      bus.readState(bus.partitionOf(config.id), baselineSubject(config.id)),
    );
    const baseline = read ? { baseline: JSON.parse(read.value) as StoredBaseline } : {};
    return reply.header("cache-control", "no-store").send({ repository: config.id, ...baseline });
  });
  app.post<Named>(routes.accuracy, async (request, reply) => {
    access.operator(request.headers);
    checkContentType(request, ["application/json"]);
    const key = readIdempotencyKey(request.headers["idempotency-key"]);
    const { config } = repositories.byId(request.params.repository);
    const said = checked(baselineBodySchema, parseJson(textOf(request.body)));
    const type = "set-accuracy-baseline" as const;
    const body = { type, actor: "operator", ...said };
    const subject = baselineSubject(config.id);
    const at = clock();
    // P1: without a key every request is an action of its own, with one only the first.
    const named = JSON.stringify(key === undefined ? [at, body] : [key, subject, body]);
    const id = `op-${createHash("sha256").update(named).digest("hex").slice(0, 32)}`;
    const message = { v: 1 as const, id, type, subject, correlationId: subject, at, body };
    await call((bus) =>
      bus.send(bus.partitionOf(config.id), message, inboxes.patchController, `action:${id}`),
    );
    return reply.code(202).send({ id });
  });
}
