/** The routes by which work comes in. */
import { routes } from "@council/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { GatewayDeps } from "./gateway.ts";
import { GatewayError } from "./problems.ts";
import { submitPatch } from "./submit-patch.ts";
import type { Taken } from "./take-patch.ts";
import { takeGithub } from "./take-github.ts";
import { takeMeta } from "./take-meta.ts";
import { takeSamples } from "./take-samples.ts";
import { type Signed, verifySignature } from "./verify-signature.ts";

const json = ["application/json"];
const ndjson = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/** Bytes. */
const limits = { patches: 1_200_000, samples: 2_000_000, github: 25_000_000 };

export function addIntakeRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  const signedBy = (request: FastifyRequest, types: readonly string[]): Signed => {
    checkContentType(request, types);
    return verifySignature(deps.secrets, request.headers, request.body);
  };
  app.post(routes.patches, { bodyLimit: limits.patches }, async (request, reply) => {
    const signed = signedBy(request, json);
    deps.limit(signed.sender);
    const taken = await submitPatch(deps, signed);
    const answer = answerOf(taken);
    return reply.code(202).header("location", answer.url).send(answer);
  });
  app.post(routes.samples, { bodyLimit: limits.samples }, async (request, reply) => {
    const accepted = await takeSamples(deps, signedBy(request, ndjson));
    return reply.code(202).send(accepted);
  });
  app.post(routes.meta, async (request, reply) => {
    await takeMeta(deps, signedBy(request, json));
    return reply.code(202).send({ status: "accepted" });
  });
  app.post(routes.github, { bodyLimit: limits.github }, async (request, reply) => {
    checkContentType(request, json);
    const outcome = await takeGithub(deps, request.headers, request.body);
    if (outcome.kind === "ignored") return reply.code(202).send(outcome);
    return reply.code(202).send(answerOf(outcome.taken));
  });
}

function answerOf({ id, duplicate }: Taken) {
  return { id, url: routes.patch.replace(":id", id), duplicate };
}

export function checkContentType(request: FastifyRequest, types: readonly string[]): void {
  const given = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (given !== undefined && types.includes(given)) return;
  throw new GatewayError("content-type-unsupported", {
    field: "content-type",
    detail: "this route does not read this content type",
    remedy: `send ${types[0]}`,
  });
}
