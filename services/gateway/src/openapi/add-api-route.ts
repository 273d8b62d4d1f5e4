import { routes } from "@council/contracts";
import type { FastifyInstance } from "fastify";
import { apiDocument } from "./api-document.ts";

/** The reference in a form for tools; it says nothing of this installation, so it is open. */
export function addApiRoute(app: FastifyInstance): void {
  const document = JSON.stringify(apiDocument());
  app.get(routes.openapi, async (_request, reply) =>
    reply.type("application/json; charset=utf-8").send(document),
  );
}
