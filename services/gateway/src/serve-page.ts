/** Serves the operators' page as it is built now, or says in one sentence how to get one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { Log } from "@council/runtime";
import type { FastifyInstance } from "fastify";

const missing =
  "The console is not built. Run `npm run build` in Council's folder, then load this page again. " +
  "Everything else of the gateway works without it.\n";

/**
 * Looks for files when they are asked for, so that a page built anew is served without a restart. Names under
 * `assets` hold the digest of what is in them, so what a browser has of them stays right.
 */
export async function servePage(app: FastifyInstance, folder: string, log: Log): Promise<void> {
  const isBuilt = () => existsSync(join(folder, "index.html"));
  if (!isBuilt()) log.warn({ folder }, "the console is not built: run `npm run build`");
  const assets = join(folder, "assets");
  await app.register(fastifyStatic, {
    root: assets,
    prefix: "/assets/",
    index: false,
    dotfiles: "ignore",
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isNamedByDigest = path.startsWith(assets);
      reply.header(
        "cache-control",
        isNamedByDigest ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
  app.get("/", (_request, reply) =>
    isBuilt()
      ? reply.sendFile("index.html", folder)
      : reply.code(503).header("cache-control", "no-store").type("text/plain").send(missing),
  );
}
