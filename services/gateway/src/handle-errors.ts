/** The one place of the gateway where errors become answers: problem documents, always. */
import type { Socket } from "node:net";
import { problemContentType, type Log } from "@council/runtime";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  GatewayError,
  type ProblemCode,
  problemOf,
  problemTypes,
  type Refusal,
} from "./problems.ts";

export function handleErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log));
  app.setNotFoundHandler((_request, reply) =>
    refuse(reply, "route-unknown", {
      detail: "no such path, or not with this method",
      remedy: "see the protocol page for the paths",
    }),
  );
}

/** For requests that fail before routing. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  if (error instanceof GatewayError) {
    if (problemTypes[error.code].status >= 500) {
      log.warn({ code: error.code, detail: error.refusal.detail }, "a request could not be served");
    }
    return refuse(reply, error.code, error.refusal);
  }
  const status = (error as Partial<FastifyError>).statusCode ?? 500;
  if (status < 500) return refuse(reply, ...malformed(status, request));
  log.error({ err: error, route: request.routeOptions.url }, "a request failed");
  return refuse(reply, "internal", {
    detail: "the request failed; it is logged",
    remedy: "send the same delivery again; if it fails again, see the log of the gateway",
  });
}

/** Answers bytes that are no HTTP request; nothing of the framework is there yet. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const document = problemOf("bad-request", {
    detail: "this is not an HTTP request the gateway reads",
    remedy: "send HTTP/1.1 with headers below 16 KiB",
  });
  const body = JSON.stringify(document);
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: ${problemContentType}\r\n`;
  socket.end(
    `${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function refuse(reply: FastifyReply, code: ProblemCode, refusal: Refusal): FastifyReply {
  const { status } = problemTypes[code];
  reply.code(status).header("content-type", problemContentType).header("cache-control", "no-store");
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="council"');
  if (refusal.retryAfterS !== undefined) reply.header("retry-after", String(refusal.retryAfterS));
  // As bytes: a text would be given a charset, which problem+json does not have.
  return reply.send(Buffer.from(JSON.stringify(problemOf(code, refusal))));
}

function malformed(status: number, request: FastifyRequest): [ProblemCode, Refusal] {
  if (status === 413) {
    const limit = request.routeOptions.bodyLimit;
    return [
      "body-too-large",
      {
        field: "body",
        detail: `the body is larger than ${limit} bytes`,
        remedy: "send less, or in several deliveries",
      },
    ];
  }
  if (status === 415) {
    const detail = "the content type is malformed";
    const remedy = "send the content type the route reads";
    return ["content-type-unsupported", { field: "content-type", detail, remedy }];
  }
  return [
    "bad-request",
    { detail: "the request is malformed", remedy: "check path, headers and content length" },
  ];
}
