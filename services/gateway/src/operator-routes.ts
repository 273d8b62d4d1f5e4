/** The route of the earlier system by which a patch is taken back, and those by which queues are looked after. */
import { routes } from "@council/contracts";
import { redactText } from "@council/runtime";
import type { FastifyInstance } from "fastify";
import { mayStop, readIdempotencyKey, sendOnce } from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { checkContentType } from "./intake-routes.ts";
import { findPatch } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { invalidBody, parseJson, textOf } from "./read-body.ts";
import { aboutPatch } from "./trace-requests.ts";

const mostDeadLetters = 200;

export function addOperatorRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  addLegacyRollback(app, deps);
  addQueueRoutes(app, deps);
}

function addLegacyRollback(app: FastifyInstance, deps: GatewayDeps): void {
  app.patch<{ Querystring: { pr_id?: string } }>(routes.legacyRollback, async (request, reply) => {
    const { name: actor } = deps.access.act(request.headers, mayStop);
    const name = request.query.pr_id;
    if (typeof name !== "string" || name === "") {
      throw new GatewayError("query-invalid", {
        field: "pr_id",
        detail: "pr_id is missing, or is given more than once",
        remedy: "name the patch: PATCH /rollback?pr_id=<id>",
      });
    }
    const place = await findPatch(deps, name, "pr_id");
    aboutPatch(request, place.id);
    const reason = "asked for by PATCH /rollback";
    const { id } = await sendOnce(deps, {
      partition: place.partition,
      subject: place.id,
      body: { type: "request-rollback", actor, reason },
      key: readIdempotencyKey(request.headers["idempotency-key"]),
    });
    return reply.code(202).send({ status: "accepted", id, patch: place.id });
  });
}

function addQueueRoutes(app: FastifyInstance, { access, call }: GatewayDeps): void {
  app.get(routes.deadLetters, async (request, reply) => {
    access.act(request.headers, ["operator"]);
    const letters = await call((bus) => bus.deadLetters(undefined, mostDeadLetters));
    const deadLetters = letters.map((letter) => ({
      ...letter,
      payload: redactText(letter.payload),
      error: redactText(letter.error),
    }));
    return reply.send({ deadLetters });
  });
  app.post(routes.redrive, async (request, reply) => {
    access.act(request.headers, ["operator"]);
    checkContentType(request, ["application/json"]);
    const { inbox, id } = readDeadLetterName(parseJson(textOf(request.body)));
    const { kind } = await call((bus) => bus.redrive(inbox, id));
    if (kind === "redriven") return reply.code(202).send({ id });
    throw new GatewayError("dead-letter-unknown", {
      field: "id",
      detail: "no dead letter of this inbox has this id; it may have been redriven already",
      remedy: "use inbox and id from GET /v1/dead-letters",
    });
  });
  app.get("/v1/queues", async (request, reply) => {
    access.act(request.headers, ["operator"]);
    return reply.send({ queues: await call((bus) => bus.depth()) });
  });
}

function readDeadLetterName(body: unknown): { inbox: string; id: string } {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === "object" && body !== null ? { ...body } : {};
  const { inbox, id, ...others } = fields;
  const faulty = [
    ...(typeof inbox === "string" && /^[\w:.-]{1,200}$/.test(inbox) ? [] : ["inbox"]),
    ...(typeof id === "string" && /^[\d:-]{1,60}$/.test(id) ? [] : ["id"]),
  ];
  const issues = [
    ...faulty.map((field) => ({
      field,
      detail: "is not a name as GET /v1/dead-letters lists it",
      remedy: `send ${field} from GET /v1/dead-letters`,
    })),
    ...Object.keys(others).map((key) => ({
      field: key.slice(0, 100),
      detail: "is not a field of this document",
      remedy: "remove it",
    })),
  ];
  if (issues.length > 0) throw invalidBody(issues);
  return { inbox: String(inbox), id: String(id) };
}
