/** `POST /v1/waivers`: what one rule finds in some paths of a repository holds nothing up, for a time. */
import { createHash, randomUUID } from "node:crypto";
import { endWaiverBodySchema, routes, waiverBodySchema } from "@council/contracts";
import type { FastifyInstance } from "fastify";
import { mayStop, readIdempotencyKey, saidBy, timeTo } from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { longestMs, readBody, readGovernance, tell } from "./governance-routes.ts";
import { GatewayError } from "./problems.ts";

/** What is waived is listed with the stops. */
export function addWaiverRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  app.post(routes.waivers, async (request, reply) => {
    const operator = deps.access.act(request.headers, ["admin"]);
    const body = readBody(request, waiverBodySchema);
    const { repository, rule: ruleId, path } = body;
    deps.repositories.byId(repository);
    const until = timeTo(body.until, deps.clock(), longestMs);
    const { name, roles } = operator;
    const key = readIdempotencyKey(request.headers["idempotency-key"]) ?? randomUUID();
    // The same request again is the same waiver (P1).
    const id = `w-${createHash("sha256").update(key).digest("hex").slice(0, 10)}`;
    const said = saidBy(operator, body.actor, body.reason);
    const waiver = { id, repository, ruleId, path, until, by: { name, roles }, ...said };
    const sent = await tell(deps, key, { type: "waive", ...waiver });
    return reply.code(202).send({ ...sent, waiver: id });
  });
  app.post(routes.endWaiver, async (request, reply) => {
    const operator = deps.access.act(request.headers, mayStop);
    const { actor, reason, id } = readBody(request, endWaiverBodySchema);
    const { waivers } = await readGovernance(deps);
    if (!waivers.some((waiver) => waiver.id === id))
      throw new GatewayError("waiver-unknown", {
        field: "id",
        detail: "nothing is waived under this id",
        remedy: "use an id from GET /v1/stops",
      });
    const key = readIdempotencyKey(request.headers["idempotency-key"]);
    const said = saidBy(operator, actor, reason);
    return reply.code(202).send(await tell(deps, key, { type: "end-waiver", id, ...said }));
  });
}
