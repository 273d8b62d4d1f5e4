/** The score a repository's benchmark is compared with: read by anybody who may read, approved by a person. */
import {
  baselineBodySchema,
  baselineSubject,
  routes,
  type StoredBaseline,
} from "@council/contracts";
import type { FastifyInstance } from "fastify";
import { readIdempotencyKey, saidBy, sendOnce } from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { checkContentType } from "./intake-routes.ts";
import { checked, parseJson, textOf } from "./read-body.ts";

type Named = { Params: { repository: string } };

export function addAccuracyRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  const { access, call, repositories } = deps;
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
    const operator = access.act(request.headers, ["approver"]);
    checkContentType(request, ["application/json"]);
    const { config } = repositories.byId(request.params.repository);
    const { actor, reason, score } = checked(baselineBodySchema, parseJson(textOf(request.body)));
    const type = "set-accuracy-baseline" as const;
    const sent = await sendOnce(deps, {
      partition: await call(async (bus) => bus.partitionOf(config.id)),
      subject: baselineSubject(config.id),
      body: { type, score, ...saidBy(operator, actor, reason) },
      key: readIdempotencyKey(request.headers["idempotency-key"]),
    });
    return reply.code(202).send(sent);
  });
}
