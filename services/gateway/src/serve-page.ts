/** Serves the operators' page, or says in one sentence how to get one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { Log } from "@council/runtime";
import type { FastifyInstance } from "fastify";

const missing =
  "The console is not built. Run `npm run build` in Council's folder and start the gateway again. " +
  "Everything else of the gateway works without it.\n";

/** Names under `assets` hold the digest of what is in them, so what a browser has of them stays right. */
export async function servePage(app: FastifyInstance, folder: string, log: Log): Promise<void> {
  if (!existsSync(join(folder, "index.html"))) {
    log.warn({ folder }, "the console is not built: run `npm run build` and start again");
    app.get("/", (_request, reply) =>
      reply.code(503).header("cache-control", "no-store").type("text/plain").send(missing),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    dotfiles: "ignore",
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isNamedByDigest = path.startsWith(join(folder, "assets"));
      reply.header(
        "cache-control",
        isNamedByDigest ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
}
