/** What operators decide about one patch. */
import {
  actionSchema,
  bypassSchema,
  recordSubject,
  routes,
  type StoredPatch,
} from "@council/contracts";
import { beyondApproval, countApproval, hasRole, inFull, type OperatorRole } from "@council/domain";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  mayStop,
  type PatchAction,
  readIdempotencyKey,
  saidBy,
  sendOnce,
  timeTo,
} from "./act-on-patch.ts";
import type { GatewayDeps } from "./gateway.ts";
import { readGovernance } from "./governance-routes.ts";
import { checkContentType } from "./intake-routes.ts";
import { type ActingOperator, roleRequired } from "./operator-token.ts";
import { findPatch, type PatchPlace } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { checked, parseJson, textOf } from "./read-body.ts";
import { aboutPatch } from "./trace-requests.ts";

interface Action {
  readonly type: PatchAction;
  readonly path: string;
  /** Who may; a stand-in may approve for somebody who has the role. */
  readonly roles: readonly OperatorRole[];
}

const actions: readonly Action[] = [
  { type: "withdraw", path: routes.withdraw, roles: mayStop },
  { type: "approve", path: routes.approve, roles: ["approver"] },
  { type: "deny", path: routes.deny, roles: ["approver"] },
  { type: "bypass", path: routes.bypass, roles: ["admin"] },
];

/** A bypass is for now, not for the week. */
const longestBypassMs = 86_400_000;

export function addPatchActions(app: FastifyInstance, deps: GatewayDeps): void {
  for (const action of actions) {
    app.post<{ Params: { id: string } }>(action.path, async (request, reply) => {
      const operator = await actingOn(deps, request, action);
      checkContentType(request, ["application/json"]);
      const body = bodyOf(deps, request, action.type, operator);
      const key = readIdempotencyKey(request.headers["idempotency-key"]);
      const place = await findPatch(deps, request.params.id, "id");
      aboutPatch(request, place.id);
      if (action.type === "approve") await checkApproval(deps, place, operator);
      const sent = { partition: place.partition, subject: place.id, body, key };
      return reply.code(202).send(await sendOnce(deps, sent));
    });
  }
  app.post<{ Params: { id: string } }>(routes.release, async (request, reply) => {
    const operator = deps.access.act(request.headers, ["operator"]);
    checkContentType(request, ["application/json"]);
    const { actor, reason } = checked(actionSchema, parseJson(textOf(request.body)));
    const place = await findPatch(deps, request.params.id, "id");
    const { repository } = await refusedIn(deps, place);
    const sent = await sendOnce(deps, {
      partition: place.partition,
      subject: recordSubject(repository),
      body: { type: "release-change", patchId: place.id, ...saidBy(operator, actor, reason) },
      key: readIdempotencyKey(request.headers["idempotency-key"]),
    });
    return reply.code(202).send(sent);
  });
}

/** Throws GatewayError `token-required` or `role-required`. */
async function actingOn(
  deps: GatewayDeps,
  { headers }: FastifyRequest,
  { type, roles }: Action,
): Promise<ActingOperator> {
  if (type !== "approve") return deps.access.act(headers, roles);
  const operator = deps.access.act(headers, ["viewer"]);
  if (hasRole(operator, roles)) return operator;
  const { delegations } = await readGovernance(deps);
  if (delegations.some(({ to }) => to === operator.name)) return operator;
  throw roleRequired(operator, roles);
}

function bodyOf(
  { clock }: GatewayDeps,
  request: FastifyRequest,
  type: PatchAction,
  operator: ActingOperator,
) {
  const { name, roles } = operator;
  const by = ["approve", "deny", "bypass"].includes(type) ? { by: { name, roles } } : {};
  const written = parseJson(textOf(request.body));
  if (type !== "bypass") {
    const { actor, reason } = checked(actionSchema, written);
    return { type, ...by, ...saidBy(operator, actor, reason) };
  }
  const { actor, reason, until: end } = checked(bypassSchema, written);
  const until = timeTo(end, clock(), longestBypassMs);
  return { type, ...by, ...saidBy(operator, actor, reason), until };
}

/** Tells at once what the controller would say: whether this approval counts. It decides again itself. */
async function checkApproval(
  deps: GatewayDeps,
  { id, partition }: PatchPlace,
  operator: ActingOperator,
): Promise<void> {
  const read = await deps.call((bus) => bus.readState(partition, id));
  const state = read ? (JSON.parse(read.value) as StoredPatch).state : undefined;
  // What is not held may be by the time the message is read: its timeline tells.
  if (state?.kind !== "held") return;
  const now = deps.clock();
  const governance = await readGovernance(deps, state.patch.repository);
  const beyond = beyondApproval(state, { now, governance });
  const { delegations } = governance;
  const counted = countApproval({
    steps: inFull(state.patch.policy).approvalSteps,
    given: state.approvals ?? [],
    by: operator,
    delegations,
    authors: [state.patch.author, state.patch.sender],
    now,
  });
  if (beyond === undefined && counted.kind === "counts") return;
  throw new GatewayError("approval-refused", {
    field: "id",
    detail: beyond ?? (counted.kind === "refused" ? counted.reason : ""),
    remedy: `read "approval" in GET /v1/patches/${id}: it says who and what is missing`,
  });
}

async function refusedIn(deps: GatewayDeps, { id, partition }: PatchPlace) {
  const read = await deps.call((bus) => bus.readState(partition, id));
  const repository = read ? (JSON.parse(read.value) as StoredPatch).state.patch.repository : "";
  const { record } = await readGovernance(deps, repository);
  if (record.refused.some(({ patchId }) => patchId === id)) return { repository };
  throw new GatewayError("change-not-refused", {
    field: "id",
    detail: "no change is refused because this patch was taken back",
    remedy: "use the id of a patch that was reverted; GET /v1/stops lists what is refused",
  });
}
