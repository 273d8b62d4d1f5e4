/** The routes by which work comes in. */
import { headers as names, routes } from "@council/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { GatewayDeps } from "./gateway.ts";
import { GatewayError } from "./problems.ts";
import { submitPatch } from "./submit-patch.ts";
import { bearerOf } from "./operator-token.ts";
import { readOtlp, writeOtlp } from "./otlp-encoding.ts";
import { sha256, type Taken } from "./take-patch.ts";
import { takeOtlp } from "./take-otlp.ts";
import { giteaSender, githubSender, gitlabSender, type PullSender } from "./pull-senders.ts";
import { takePull } from "./take-pull.ts";
import { takeMeta } from "./take-meta.ts";
import { takeSamples } from "./take-samples.ts";
import { aboutPatch } from "./trace-requests.ts";
import { type Signed, verifySignature } from "./verify-signature.ts";

const json = ["application/json"];
const ndjson = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

const protobuf = ["application/x-protobuf"] as const;

/** Bytes. */
const limits = { patches: 1_200_000, samples: 2_000_000, otlp: 4_000_000, forge: 25_000_000 };

export function addIntakeRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  const signedBy = (request: FastifyRequest, types: readonly string[]): Signed => {
    checkContentType(request, types);
    return verifySignature(deps.secrets, request.headers, request.body);
  };
  app.post(routes.patches, { bodyLimit: limits.patches }, async (request, reply) => {
    const signed = signedBy(request, json);
    deps.limit(signed.sender);
    const taken = await submitPatch(deps, signed);
    const answer = answerOf(request, taken);
    return reply.code(202).header("location", answer.url).send(answer);
  });
  app.post(routes.samples, { bodyLimit: limits.samples }, async (request, reply) => {
    const accepted = await takeSamples(deps, signedBy(request, ndjson));
    return reply.code(202).send(accepted);
  });
  const fromPipeline = deps.otlpToken && bearerOf(deps.otlpToken, "COUNCIL_OTLP_TOKEN");
  app.post(routes.otlpMetrics, { bodyLimit: limits.otlp }, async (request, reply) => {
    checkContentType(request, [...json, ...protobuf]);
    const encoding = isContentType(request, json) ? "json" : "protobuf";
    const signed = otlpSender(request, fromPipeline || undefined, deps.secrets);
    const { "content-encoding": packed } = request.headers;
    const rejected = await takeOtlp(deps, await readOtlp(request.body, encoding, packed), signed);
    const answer = await writeOtlp(encoding, rejected);
    return reply.type(encoding === "json" ? "application/json" : protobuf[0]).send(answer);
  });
  app.post(routes.meta, async (request, reply) => {
    await takeMeta(deps, signedBy(request, json));
    return reply.code(202).send({ status: "accepted" });
  });
  const forges: readonly (readonly [string, PullSender])[] = [
    [routes.github, githubSender(deps.githubSecret)],
    [routes.gitea, giteaSender(deps.giteaSecret)],
    [routes.gitlab, gitlabSender(deps.gitlabSecret)],
  ];
  for (const [route, sender] of forges) {
    app.post(route, { bodyLimit: limits.forge }, async (request, reply) => {
      checkContentType(request, json);
      const outcome = await takePull(deps, sender, request);
      return reply
        .code(202)
        .send(outcome.kind === "taken" ? answerOf(request, outcome.taken) : outcome);
    });
  }
}

function answerOf(request: FastifyRequest, { id, duplicate }: Taken) {
  aboutPatch(request, id, !duplicate);
  return { id, url: routes.patch.replace(":id", id), duplicate };
}

/**
 * Pipelines cannot sign, so a bearer token does where one is set. Signatures are over text: a signed body
 * that is no UTF-8, as protobuf mostly is, is refused. OTLP has no delivery id: the body's
 * digest is one, and a batch that is sent again is the same delivery (P1).
 */
function otlpSender(
  request: FastifyRequest,
  fromPipeline: ((headers: FastifyRequest["headers"]) => void) | undefined,
  secrets: GatewayDeps["secrets"],
): Signed {
  if (request.headers[names.webhookSignature] !== undefined || !fromPipeline)
    return verifySignature(secrets, request.headers, request.body);
  fromPipeline(request.headers);
  const digest = sha256(Buffer.isBuffer(request.body) ? request.body : "");
  return { sender: "otlp", deliveryId: digest, text: digest };
}

function isContentType(request: FastifyRequest, types: readonly string[]): boolean {
  const given = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  return given !== undefined && types.includes(given);
}

export function checkContentType(request: FastifyRequest, types: readonly string[]): void {
  if (isContentType(request, types)) return;
  throw new GatewayError("content-type-unsupported", {
    field: "content-type",
    detail: "this route does not read this content type",
    remedy: `send ${types[0]}`,
  });
}
