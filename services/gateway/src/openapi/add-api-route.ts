import { routes } from "@council/contracts";
import type { FastifyInstance } from "fastify";
import { apiDocument } from "./api-document.ts";

/** The reference in a form for tools; it says nothing of this installation, so it is open. */
export function addApiRoute(app: FastifyInstance): void {
  // Made when it is first asked for: a gateway that starts has better things to do.
  let document: string | undefined;
  app.get(routes.openapi, async (_request, reply) => {
    document ??= JSON.stringify(apiDocument());
    return reply.type("application/json; charset=utf-8").send(document);
  });
}
