/** What people say for all of Council, and what limits say: the pause, stops, quotas and stand-ins. */
import {
  actionSchema,
  controlPartition,
  controlSubject,
  delegationBodySchema,
  endDelegationBodySchema,
  type IncomingControl,
  liftBodySchema,
  type LimitsAnswer,
  readControl,
  recordSubject,
  routes,
  stopBodySchema,
  type StoredPatch,
  type StoredRecord,
} from "@council/contracts";
import {
  type Control,
  emptyControl,
  emptyRecord,
  freezeAt,
  hasRole,
  inForce,
  isSameScope,
  limitUse,
  type PatchStateKind,
  type RepositoryRecord,
  restingKinds,
  type Stop,
  type StopScope,
} from "@council/domain";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import { mayStop, readIdempotencyKey, saidBy, sendOnce, timeTo } from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { checkContentType } from "./intake-routes.ts";
import { roleRequired } from "./operator-token.ts";
import { findPatch, partitionOn } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { checked, parseJson, textOf } from "./read-body.ts";

/** Nobody stands in, and nothing is waived, or stopped with an end, for longer than this. */
export const longestMs = 90 * 86_400_000;

/** What counts now; the record is that of the repository, if one is named. */
export async function readGovernance(
  { call, clock }: Pick<GatewayDeps, "call" | "clock">,
  repository?: string,
): Promise<Control & { readonly record: RepositoryRecord; readonly isFreezeExempt: false }> {
  const [said, kept] = await call((bus) =>
    Promise.all([
      bus.readState(controlPartition, controlSubject),
      repository === undefined
        ? undefined
        : bus.readState(bus.partitionOf(repository), recordSubject(repository)),
    ]),
  );
  const control = inForce(readControl(said?.value)?.state ?? emptyControl, clock());
  const record = kept ? (JSON.parse(kept.value) as StoredRecord).state : emptyRecord;
  return { ...control, record, isFreezeExempt: false };
}

export function addGovernanceRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  addPauseRoutes(app, deps);
  addStopRoutes(app, deps);
  addLimitRoutes(app, deps);
  addDelegationRoutes(app, deps);
  app.get(routes.me, (request, reply) => {
    const { name, roles, isShared = false } = deps.access.act(request.headers, ["viewer"]);
    return reply.header("cache-control", "no-store").send({ name, roles, isShared });
  });
}

/** One word for all of Council; one key is one word (P1). */
export function tell(deps: GatewayDeps, key: string | undefined, body: IncomingControl) {
  return sendOnce(deps, { partition: controlPartition, subject: controlSubject, body, key });
}

const keyOf = ({ headers }: FastifyRequest) => readIdempotencyKey(headers["idempotency-key"]);

/** Reads a JSON body. Throws GatewayError `content-type-unsupported`, `body-malformed` or `body-invalid`. */
export function readBody<Body>(request: FastifyRequest, schema: z.ZodType<Body>): Body {
  checkContentType(request, ["application/json"]);
  return checked(schema, parseJson(textOf(request.body)));
}

function addPauseRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  app.get(routes.pause, async (request, reply) => {
    deps.access.reader(request.headers);
    const { stops } = await readGovernance(deps);
    const stop = stops.find(({ scope }) => scope.kind === "global");
    const { actor, reason, since: at } = stop ?? {};
    const said = stop ? { isPaused: true, actor, reason, at } : { isPaused: false };
    return reply.header("cache-control", "no-store").send(said);
  });
  for (const [type, path, roles] of [
    ["pause", routes.pause, mayStop],
    ["resume", routes.resume, ["operator"]],
  ] as const) {
    app.post(path, async (request, reply) => {
      const operator = deps.access.act(request.headers, roles);
      const { actor, reason } = readBody(request, actionSchema);
      const said = { type, ...saidBy(operator, actor, reason) };
      return reply.code(202).send(await tell(deps, keyOf(request), said));
    });
  }
}

function addStopRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  app.get(routes.stops, async (request, reply) => {
    deps.access.reader(request.headers);
    const records = await readRecords(deps);
    const { stops, waivers } = await readGovernance(deps);
    const kept = records.flatMap(({ repository, record }) =>
      record.stops.map((stop) => ({ ...stop, repository })),
    );
    const refused = records.flatMap(({ repository, record }) =>
      record.refused.map((change) => ({ ...change, repository })),
    );
    const answer = { stops: [...(await standing(deps, stops)), ...kept], refused, waivers };
    return reply.header("cache-control", "no-store").send(answer);
  });
  app.post(routes.stops, async (request, reply) => {
    const operator = deps.access.act(request.headers, mayStop);
    const { actor, reason, scope, until } = readBody(request, stopBodySchema);
    const meant = await knownScope(deps, scope);
    const ends = until === undefined ? {} : { until: timeTo(until, deps.clock(), longestMs) };
    const said = { ...saidBy(operator, actor, reason), scope: meant, ...ends };
    return reply.code(202).send(await tell(deps, keyOf(request), { type: "stop", ...said }));
  });
  app.post(routes.liftStop, async (request, reply) => {
    const operator = deps.access.act(request.headers, ["operator"]);
    const { actor, reason, scope } = readBody(request, liftBodySchema);
    const key = readIdempotencyKey(request.headers["idempotency-key"]);
    const { stops } = await readGovernance(deps);
    const meant = stops.some((stop) => isSameScope(stop.scope, scope))
      ? scope
      : await namedScope(deps, scope);
    const body = { type: "lift", scope: meant, ...saidBy(operator, actor, reason) } as const;
    const isMeant = (stop: Stop) => isSameScope(stop.scope, meant);
    const places = stops.some(isMeant)
      ? [{ partition: controlPartition, subject: controlSubject }]
      : [];
    for (const { repository, partition, record } of await readRecords(deps))
      if (record.stops.some(isMeant))
        places.push({ partition, subject: recordSubject(repository) });
    if (places.length === 0)
      throw new GatewayError("stop-unknown", {
        field: "scope",
        detail: "nothing is stopped by this name",
        remedy: "use a scope from GET /v1/stops",
      });
    const ids: string[] = [];
    for (const [at, place] of places.entries()) {
      const own = key === undefined ? {} : { key: at === 0 ? key : `${key}.${at}` };
      ids.push((await sendOnce(deps, { ...place, body, ...own })).id);
    }
    return reply.code(202).send({ id: ids[0], ids });
  });
}

function addLimitRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  app.get(routes.limits, async (request, reply) => {
    deps.access.reader(request.headers);
    const now = deps.clock();
    const repositories = (await readRecords(deps)).map(({ repository, policy, record }) => {
      const { freezes, limits } = policy;
      const frozen = freezeAt(freezes, now);
      const authors = limitUse(record, limits, now);
      return { repository, freezes, ...(frozen ? { frozen } : {}), limits, authors };
    });
    const answer: LimitsAnswer = { repositories };
    return reply.header("cache-control", "no-store").send(answer);
  });
}

async function readRecords({ call, repositories }: GatewayDeps) {
  return call((bus) =>
    Promise.all(
      repositories.all.map(async ({ config: { id: repository }, policy }) => {
        const partition = bus.partitionOf(repository);
        const read = await bus.readState(partition, recordSubject(repository));
        const record = read ? (JSON.parse(read.value) as StoredRecord).state : emptyRecord;
        return { repository, policy, partition, record };
      }),
    ),
  );
}

/** A name nobody has would stop nothing, and look as if it did. Throws GatewayError `body-invalid`. */
async function knownScope(deps: GatewayDeps, scope: StopScope): Promise<StopScope> {
  if (scope.kind === "global" || scope.kind === "author") return scope;
  if (scope.kind === "patch") return landingScope(deps, scope.name);
  const names = namesOf(deps, scope.kind);
  if (names.includes(scope.name)) return scope;
  throw new GatewayError("body-invalid", {
    field: "scope.name",
    detail: `no ${scope.kind} is called so`,
    remedy: `use one of ${names.join(", ")}`,
  });
}

/** Without the holds of patches at rest: nothing of those lands any more, so their holds are over. */
async function standing(deps: GatewayDeps, stops: readonly Stop[]): Promise<readonly Stop[]> {
  const isOver = await Promise.all(
    stops.map(
      async ({ scope }) => scope.kind === "patch" && Boolean(await restingKind(deps, scope.name)),
    ),
  );
  return stops.filter((_, at) => !isOver[at]);
}

/** What a patch rests as; undefined while something of it may still land. */
async function restingKind({ call }: GatewayDeps, id: string): Promise<PatchStateKind | undefined> {
  const read = await call(async (bus) => {
    const partition = partitionOn(bus, id);
    return partition === undefined ? undefined : bus.readState(partition, id);
  });
  const kind = read && (JSON.parse(read.value) as StoredPatch).state.kind;
  return kind !== undefined && restingKinds.includes(kind) ? kind : undefined;
}

/** A patch is stopped by its id, whatever it was called by. Throws as `findPatch`. */
async function namedScope(deps: GatewayDeps, scope: StopScope): Promise<StopScope> {
  if (scope.kind !== "patch") return scope;
  return { kind: "patch", name: (await findPatch(deps, scope.name, "scope.name")).id };
}

/** Throws as `findPatch`, and GatewayError `body-invalid` for a patch of which nothing lands any more. */
async function landingScope(deps: GatewayDeps, called: string): Promise<StopScope> {
  const { id: name } = await findPatch(deps, called, "scope.name");
  const kind = await restingKind(deps, name);
  if (kind === undefined) return { kind: "patch", name };
  throw new GatewayError("body-invalid", {
    field: "scope.name",
    detail: `the patch is ${kind}: nothing of it lands any more`,
    remedy: "hold a patch before it has settled; afterwards roll it back",
  });
}

function namesOf({ repositories }: GatewayDeps, kind: "repository" | "builder" | "head"): string[] {
  if (kind === "builder") return ["a", "b"];
  if (kind === "repository") return repositories.all.map(({ config }) => config.id);
  return [
    ...new Set(repositories.all.flatMap(({ policy }) => policy.seats.map(({ head }) => head))),
  ];
}

function addDelegationRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  app.get(routes.delegations, async (request, reply) => {
    deps.access.reader(request.headers);
    const { delegations } = await readGovernance(deps);
    return reply.header("cache-control", "no-store").send({ delegations });
  });
  app.post(routes.delegations, async (request, reply) => {
    const operator = deps.access.act(request.headers, ["approver"]);
    const { actor, reason, to, until: end } = readBody(request, delegationBodySchema);
    const until = timeTo(end, deps.clock(), longestMs);
    const { name, roles } = operator;
    const said = { from: { name, roles }, to, until, ...saidBy(operator, actor, reason) };
    return reply.code(202).send(await tell(deps, keyOf(request), { type: "delegate", ...said }));
  });
  app.post(routes.endDelegation, async (request, reply) => {
    const operator = deps.access.act(request.headers, ["approver"]);
    const body = readBody(request, endDelegationBodySchema);
    const { to, reason, from = operator.name } = body;
    if (from !== operator.name && !hasRole(operator, ["admin"]))
      throw roleRequired(operator, ["admin"]);
    const { delegations } = await readGovernance(deps);
    if (!delegations.some((each) => each.from.name === from && each.to === to))
      throw new GatewayError("delegation-unknown", {
        field: "to",
        detail: `${to} does not stand in for ${from}`,
        remedy: "see GET /v1/delegations",
      });
    const said = { from, to, ...saidBy(operator, body.actor, reason) };
    return reply
      .code(202)
      .send(await tell(deps, keyOf(request), { type: "end-delegation", ...said }));
  });
}
