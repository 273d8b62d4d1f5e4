/** The routes by which operators act; each needs the operator token. */
import { controlSubject, routes, type StoredControl } from "@council/contracts";
import { redactText } from "@council/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  actOnAll,
  actOnPatch,
  controlPartition,
  type PatchAction,
  readIdempotencyKey,
  readSaid,
} from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { checkContentType } from "./intake-routes.ts";
import { findPatch } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { invalidBody, parseJson, textOf } from "./read-body.ts";
import { aboutPatch } from "./trace-requests.ts";

const patchRoutes: Readonly<Record<PatchAction, string>> = {
  "request-rollback": routes.rollback,
  approve: routes.approve,
  withdraw: routes.withdraw,
};

const mostDeadLetters = 200;

export function addOperatorRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  addPatchActions(app, deps);
  addLegacyRollback(app, deps);
  addQueueRoutes(app, deps);
  app.get(routes.pause, async (request, reply) => {
    deps.access.reader(request.headers);
    const read = await deps.call((bus) => bus.readState(controlPartition, controlSubject));
    const control = read ? (JSON.parse(read.value) as StoredControl) : { isPaused: false };
    return reply.header("cache-control", "no-store").send(control);
  });
  for (const [type, path] of [
    ["pause", routes.pause],
    ["resume", routes.resume],
  ] as const) {
    app.post(path, async (request, reply) => {
      deps.access.operator(request.headers);
      return reply.code(202).send(await actOnAll(deps, { type, ...whatIsSaid(request) }));
    });
  }
}

function addPatchActions(app: FastifyInstance, deps: GatewayDeps): void {
  for (const [type, path] of Object.entries(patchRoutes) as [PatchAction, string][]) {
    app.post<{ Params: { id: string } }>(path, async (request, reply) => {
      deps.access.operator(request.headers);
      const action = { type, ...whatIsSaid(request) };
      const place = await findPatch(deps, request.params.id, "id");
      aboutPatch(request, place.id);
      return reply.code(202).send(await actOnPatch(deps, place, action));
    });
  }
}

function whatIsSaid(request: FastifyRequest) {
  checkContentType(request, ["application/json"]);
  return { said: readSaid(request.body), key: keyOf(request) };
}

function keyOf(request: FastifyRequest): string | undefined {
  return readIdempotencyKey(request.headers["idempotency-key"]);
}

function addLegacyRollback(app: FastifyInstance, deps: GatewayDeps): void {
  app.patch<{ Querystring: { pr_id?: string } }>(routes.legacyRollback, async (request, reply) => {
    deps.access.operator(request.headers);
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
    const { id } = await actOnPatch(deps, place, {
      type: "request-rollback",
      said: { actor: "operator", reason: "asked for by PATCH /rollback" },
      key: keyOf(request),
    });
    return reply.code(202).send({ status: "accepted", id, patch: place.id });
  });
}

function addQueueRoutes(app: FastifyInstance, { access, call }: GatewayDeps): void {
  app.get(routes.deadLetters, async (request, reply) => {
    access.operator(request.headers);
    const letters = await call((bus) => bus.deadLetters(undefined, mostDeadLetters));
    const deadLetters = letters.map((letter) => ({
      ...letter,
      payload: redactText(letter.payload),
      error: redactText(letter.error),
    }));
    return reply.send({ deadLetters });
  });
  app.post(routes.redrive, async (request, reply) => {
    access.operator(request.headers);
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
  app.get(routes.queues, async (request, reply) => {
    access.operator(request.headers);
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
