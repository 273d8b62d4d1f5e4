/** What the operators' page needs to read beside the ledger: texts, comparisons, costs, the settings in force. */
import { routes, type StoredPatch, type StoredWatch, watchSubject } from "@council/contracts";
import { type PatchState, type SpendEntry, spendRows } from "@council/domain";
import type { FastifyInstance } from "fastify";
import type { GatewayDeps } from "./gateway.ts";
import { findPatch } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";

/** One setting of this process, as `GET /v1/settings` shows it; secrets are redacted. */
export interface ShownSetting {
  readonly env: string;
  readonly value: string;
  /** `argv`, `env`, `dotenv`, `yaml`, `toml`, `default` or `unset`. */
  readonly source: string;
  readonly default: string;
  readonly unit: string;
  readonly meaning: string;
}

export function addPageRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  const { access, call } = deps;
  app.get<{ Params: { id: string }; Querystring: { of?: string | string[] } }>(
    routes.diff,
    async (request, reply) => {
      access.reader(request.headers);
      const { id, partition } = await findPatch(deps, request.params.id, "id");
      const { of = "candidate" } = request.query;
      const state = await readState(deps, partition, id);
      const digest = state && digestOf(state, of);
      const bytes = digest && (await call((bus) => bus.readBlob(partition, digest)));
      if (!digest || !bytes) throw noDiff(of);
      // As text and nothing else: what a patch holds is never given a chance to be a page.
      return reply
        .header("etag", `"${digest}"`)
        .header("cache-control", "private, no-cache")
        .type("text/plain; charset=utf-8")
        .send(bytes);
    },
  );
  app.get<{ Params: { id: string } }>(routes.comparison, async (request, reply) => {
    access.reader(request.headers);
    const { id, partition } = await findPatch(deps, request.params.id, "id");
    const comparison = (await readState(deps, partition, id))?.comparison;
    const digest = comparison?.kind === "compared" ? comparison.report : undefined;
    const bytes = digest && (await call((bus) => bus.readBlob(partition, digest)));
    if (!digest || !bytes) throw noComparison();
    return reply
      .header("etag", `"${digest}"`)
      .header("cache-control", "private, no-cache")
      .type("application/json; charset=utf-8")
      .send(bytes);
  });
  app.get<{ Params: { id: string } }>(routes.patchSpend, async (request, reply) => {
    access.reader(request.headers);
    const { id, partition } = await findPatch(deps, request.params.id, "id");
    const since = (await readState(deps, partition, id))?.patch.submittedAt;
    const entries = since === undefined ? [] : await readSpending(deps, since);
    return reply.header("cache-control", "no-store").send({ calls: callsFor(id, entries) });
  });
  app.get<{ Params: { id: string } }>(routes.evidence, async (request, reply) => {
    access.reader(request.headers);
    const { id, partition } = await findPatch(deps, request.params.id, "id");
    const read = await call((bus) => bus.readState(partition, watchSubject(id)));
    const { trace = [] } = read ? (JSON.parse(read.value) as StoredWatch) : {};
    return reply.send({ stages: trace });
  });
  app.get(routes.settings, async (request, reply) => {
    access.act(request.headers, ["operator"]);
    const repositories = deps.repositories.all.map(({ config, policy }) => ({
      id: config.id,
      targetBranch: config.targetBranch,
      policy,
      ownFields: Object.keys(config.policy),
    }));
    return reply.send({ settings: deps.shownSettings, repositories });
  });
}

async function readState(
  { call }: GatewayDeps,
  partition: number,
  id: string,
): Promise<PatchState | undefined> {
  const read = await call((bus) => bus.readState(partition, id));
  return read && (JSON.parse(read.value) as StoredPatch).state;
}

/** The clocks of the gateway and of who books may differ by so much, milliseconds. */
const clockSkewMs = 600_000;

function readSpending({ call, spending }: GatewayDeps, since: number) {
  return call(() => spending.entries(Math.max(0, since - clockSkewMs)));
}

/** The paid calls made for one patch, oldest first. */
function callsFor(id: string, entries: readonly SpendEntry[]) {
  return spendRows(entries)
    .filter(({ request }) => request.patchId === id)
    .map(({ at, state, chargedMicroUsd, request: { head, model } }) => ({
      at,
      head,
      model,
      state,
      chargedMicroUsd,
    }));
}

/** The blob of the candidate, or of what was sent in before there is one; or of one render. */
function digestOf(state: PatchState, of: string | string[]): string | undefined {
  const { comparison, patch, renders } = state;
  switch (of) {
    case "a":
    case "b":
      return renders[of]?.diff;
    case "candidate":
      return comparison?.kind === "compared" ? comparison.candidate.diff : patch.diff;
    default:
      throw new GatewayError("query-invalid", {
        field: "of",
        detail: "of names no diff of a patch",
        remedy: "use of=candidate, of=a or of=b",
      });
  }
}

function noDiff(of: string | string[]): GatewayError {
  return new GatewayError("diff-unknown", {
    field: "of",
    detail: `this patch has no diff of ${String(of)}, or it is not kept any more`,
    remedy: "a task has no diff before its render is in; ask again then",
  });
}

function noComparison(): GatewayError {
  return new GatewayError("comparison-unknown", {
    field: "id",
    detail: "this patch was not compared, or what the comparison found is not kept any more",
    remedy: "ask again when its timeline has ComparisonRecorded",
  });
}
