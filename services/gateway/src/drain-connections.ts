import type { FastifyInstance } from "fastify";

const lookEveryMs = 20;

/**
 * When the gateway closes, requests under way are finished and then every connection is ended. A
 * server by itself would wait for connections that were opened ahead and never used, as browsers do.
 */
export function drainOnClose(app: FastifyInstance, limitMs = 5000): void {
  let underWay = 0;
  app.addHook("onRequest", async (_request, reply) => {
    underWay += 1;
    let isOver = false;
    const over = () => {
      if (!isOver) underWay -= 1;
      isOver = true;
    };
    reply.raw.once("finish", over);
    reply.raw.once("close", over);
  });
  app.addHook("preClose", async () => {
    const endsAt = performance.now() + limitMs;
    const timer = setInterval(() => {
      if (underWay > 0 && performance.now() < endsAt) return;
      clearInterval(timer);
      app.server.closeAllConnections();
    }, lookEveryMs);
  });
}
