/** The routes by which tools read a quorum, and people see how independent the heads are. */
import { headers, routes } from "@council/contracts";
import type { StoredPatch } from "@council/contracts";
import { independenceOf } from "@council/domain";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { GatewayDeps } from "./gateway.ts";
import { metaRecord, metaYaml } from "./meta-record.ts";
import { findPatch } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { parseJson, textOf } from "./read-body.ts";
import { readPatch } from "./read-patches.ts";

/** Patches the independence of the heads is measured on: the newest ones. */
const measuredPatches = 1000;

export function addQuorumRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  const { access, call } = deps;
  const recordOf = async (name: string, field: string, reply: FastifyReply) => {
    const place = await findPatch(deps, name, field);
    const record = metaRecord(await call((bus) => readPatch(bus, place)));
    if (record.audit_hash !== null) reply.header(headers.auditHash, record.audit_hash);
    return record;
  };
  app.get<{ Params: { id: string } }>(routes.metaJson, async (request, reply) => {
    access.reader(request.headers);
    return reply.send(await recordOf(request.params.id, "id", reply));
  });
  app.get<{ Params: { id: string } }>(routes.metaYaml, async (request, reply) => {
    access.reader(request.headers);
    const yaml = metaYaml(await recordOf(request.params.id, "id", reply));
    return reply.header("content-type", "application/yaml; charset=utf-8").send(yaml);
  });
  // P2: signed votes alone make a quorum. A claim from outside is compared and never taken.
  app.patch<{ Params: { pr: string } }>(routes.legacyQuorum, async (request, reply) => {
    access.act(request.headers, ["operator"]);
    const claimed = claimOf(request.body);
    const record = await recordOf(request.params.pr, "pr", reply);
    if (claimed === undefined || claimed === record.quorum_passed) return reply.send(record);
    throw new GatewayError("quorum-differs", {
      field: "quorum_passed",
      detail: `the quorum has ${record.quorum_passed ? "" : "not "}passed: ${record.quorum_reason}`,
      remedy: "a quorum is made of signed votes and cannot be set; read it from the answer",
    });
  });
  app.get(routes.heads, async (request, reply) => {
    access.reader(request.headers);
    const rounds = await call(async (bus) => {
      const listed = await bus.listSubjects("all", { limit: measuredPatches });
      const states = await Promise.all(
        listed.map(({ partition, subject }) => bus.readState(partition, subject)),
      );
      return states.flatMap((read) => {
        const votes = read ? (JSON.parse(read.value) as StoredPatch).state.votes : [];
        return votes.length > 0 ? [votes] : [];
      });
    });
    return reply.send({ rounds: rounds.length, ...independenceOf(rounds) });
  });
}

function claimOf(body: unknown): boolean | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  const { quorum_passed: claimed } = Object(parseJson(textOf(body))) as { quorum_passed?: unknown };
  return typeof claimed === "boolean" ? claimed : undefined;
}
