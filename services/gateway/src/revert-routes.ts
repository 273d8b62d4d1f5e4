/** What is asked around a revert: the plan before it, the rollback, and the way back after it. */
import { rollbackSchema, routes } from "@council/contracts";
import { GitError } from "@council/git";
import type { FastifyInstance } from "fastify";
import { mayStop, readIdempotencyKey, readSaid, saidBy, sendOnce } from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { checkContentType } from "./intake-routes.ts";
import { findPatch } from "./patch-names.ts";
import { planRevertOf, rollbackSetOf } from "./plan-revert.ts";
import { GatewayError } from "./problems.ts";
import { checked, parseJson, textOf } from "./read-body.ts";
import { relandPatch } from "./reland-patch.ts";
import { aboutPatch } from "./trace-requests.ts";

export function addRevertRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  app.get<{ Params: { id: string } }>(routes.revertPlan, async (request, reply) => {
    deps.access.reader(request.headers);
    const place = await findPatch(deps, request.params.id, "id");
    const plan = await reaching(() => planRevertOf(deps, place));
    return reply.header("cache-control", "no-store").send(plan);
  });
  app.post<{ Params: { id: string } }>(routes.rollback, async (request, reply) => {
    const operator = deps.access.act(request.headers, mayStop);
    checkContentType(request, ["application/json"]);
    const body = checked(rollbackSchema, parseJson(textOf(request.body)));
    const said = saidBy(operator, body.actor, body.reason);
    const key = readIdempotencyKey(request.headers["idempotency-key"]);
    const place = await findPatch(deps, request.params.id, "id");
    aboutPatch(request, place.id);
    const patches = body.withDependents
      ? await reaching(() => rollbackSetOf(deps, place))
      : [place.id];
    // The newest is asked; each asks the next once it is gone, in the controller's own commit (P1).
    const [subject = place.id, ...rest] = patches;
    const joint = rest.length > 0 ? { joint: { target: place.id, done: [], rest } } : {};
    const command = { type: "request-rollback", ...said, ...joint };
    const sent = await sendOnce(deps, { partition: place.partition, subject, body: command, key });
    return reply.code(202).send(body.withDependents ? { ...sent, patches } : sent);
  });
  app.post<{ Params: { id: string } }>(routes.reland, async (request, reply) => {
    const operator = deps.access.act(request.headers, ["operator"]);
    checkContentType(request, ["application/json"]);
    const said = readSaid(request.body, operator);
    const place = await findPatch(deps, request.params.id, "id");
    const taken = await reaching(() => relandPatch(deps, place, said));
    aboutPatch(request, taken.id, !taken.duplicate);
    return reply.code(202).send(taken);
  });
}

async function reaching<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GitError) || !["unreachable", "timeout"].includes(error.code))
      throw error;
    throw new GatewayError("remote-unavailable", {
      detail: error.message,
      remedy: "ask again when the repository answers",
    });
  }
}
