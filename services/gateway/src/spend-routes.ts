/** The routes by which people look at spending, stop it and let it go on. */
import { routes } from "@council/contracts";
import { spendRows, windowsAt } from "@council/domain";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { mayStop, readSaid, type Said } from "./act-on-patch.ts";
import type { ActingOperator } from "./operator-token.ts";
import type { GatewayDeps } from "./gateway.ts";
import { checkContentType } from "./intake-routes.ts";
import { GatewayError } from "./problems.ts";
import { listPatches } from "./read-patches.ts";
import { spendCsv, spendReport } from "./spend-report.ts";

/** So many patches that are held are looked at for those that wait for money. */
const heldShown = 200;

export function addSpendRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  const { access, call, spending, clock } = deps;
  const heads = paidHeads(deps);
  app.get(routes.spend, async (request, reply) => {
    access.reader(request.headers);
    const at = clock();
    const report = await call(async (bus) => {
      await spending.expireDue();
      const since = windowsAt(at).month.from;
      const [status, entries, held] = await Promise.all([
        spending.status(heads),
        spending.entries(since),
        listPatches(bus, { kind: "held", limit: heldShown }),
      ]);
      return spendReport({ status, entries, heads, at, held: held.patches });
    });
    return reply.header("cache-control", "no-store").send(report);
  });
  app.get<{ Querystring: { since?: string | string[] } }>(
    routes.spendCsv,
    async (request, reply) => {
      access.reader(request.headers);
      const since = sinceOf(request.query.since) ?? windowsAt(clock()).month.from;
      const entries = await call(() => spending.entries(since));
      return reply
        .header("content-type", "text/csv; charset=utf-8; header=present")
        .header("content-disposition", 'attachment; filename="council-spend.csv"')
        .header("cache-control", "no-store")
        .send(spendCsv(spendRows(entries)));
    },
  );
  for (const [path, act, kind] of [
    [routes.emergencyStop, "stop", "stopped"],
    [routes.spendResume, "resume", "resumed"],
  ] as const) {
    app.post(path, async (request, reply) => {
      const operator = access.act(request.headers, act === "stop" ? mayStop : ["operator"]);
      const said = whatIsSaid(request, path, operator);
      await call(() => spending[act](said));
      // Stored, so in force: the next reservation anywhere is decided by it.
      return reply.send({ kind, ...said });
    });
  }
}

/** Heads whose votes cost money, in any guarded repository. */
export function paidHeads({ repositories }: Pick<GatewayDeps, "repositories">): string[] {
  const seats = repositories.all.flatMap(({ policy }) => policy.seats);
  return [...new Set(seats.flatMap(({ head, isModel }) => (isModel ? [head] : [])))];
}

/** An emergency stop needs no words. */
function whatIsSaid(request: FastifyRequest, path: string, operator: ActingOperator): Said {
  const isEmpty = !Buffer.isBuffer(request.body) || request.body.length === 0;
  if (isEmpty) return { actor: operator.name, reason: `asked for by POST ${path}` };
  checkContentType(request, ["application/json"]);
  return readSaid(request.body, operator);
}

function sinceOf(text: string | string[] | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = typeof text === "string" && /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isSafeInteger(at)) return at;
  throw new GatewayError("query-invalid", {
    field: "since",
    detail: "since is not one ISO 8601 time",
    remedy: "write it as 2026-01-31 or 2026-01-31T12:00:00Z",
  });
}
