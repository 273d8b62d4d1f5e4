import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

export interface Routes {
  readonly baselinePort: number;
  readonly canary?: {
    readonly port: number;
    /** The share of requests it gets, 0–1. */
    readonly weight: number;
    readonly patchId: string;
  };
}

export interface ArmCounts {
  readonly served: number;
  readonly failed: number;
}

export interface Proxy {
  readonly url: string;
  /** In force for every request from now on. Before the first call requests get 503. */
  readonly route: (routes: Routes) => void;
  readonly counts: () => Readonly<Record<"baseline" | "canary", ArmCounts>>;
  readonly close: () => Promise<void>;
}

/** Headers of every reply: which arm served it, and the patch that was being watched then. */
export const proxyHeaders = { arm: "x-served-by", patch: "x-watched-patch" } as const;

const armTimeoutMs = 4000;

/** Divides requests between two arms by weight. An arm that fails or is too slow gives 502 or 504. */
export async function startProxy(random: () => number = Math.random): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const counts = {
    baseline: { served: 0, failed: 0 },
    canary: { served: 0, failed: 0 },
  };
  let routes: Routes | undefined;
  const server = createServer((incoming, outgoing) => {
    if (routes === undefined) return fail(outgoing, 503);
    const { canary, baselinePort } = routes;
    const isCanary = canary !== undefined && random() < canary.weight;
    const arm = isCanary ? "canary" : "baseline";
    outgoing.setHeader(proxyHeaders.arm, arm);
    if (canary) outgoing.setHeader(proxyHeaders.patch, canary.patchId);
    const port = isCanary ? canary.port : baselinePort;
    forward({ agent, port, incoming, outgoing }, (isServed) => {
      counts[arm][isServed ? "served" : "failed"] += 1;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    route: (next) => {
      routes = next;
    },
    counts: () => structuredClone(counts),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function forward(
  exchange: {
    agent: Agent;
    port: number;
    incoming: IncomingMessage;
    outgoing: ServerResponse;
  },
  onEnd: (isServed: boolean) => void,
): void {
  const { agent, port, incoming, outgoing } = exchange;
  const onward = httpRequest({
    agent,
    port,
    host: "127.0.0.1",
    path: incoming.url,
    method: incoming.method,
    signal: AbortSignal.timeout(armTimeoutMs),
  });
  const giveUp = (error: Error) => {
    onEnd(false);
    fail(outgoing, error.name === "AbortError" || error.name === "TimeoutError" ? 504 : 502);
  };
  onward.once("error", giveUp);
  onward.once("response", (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, {
      "content-type": reply.headers["content-type"] ?? "application/octet-stream",
    });
    reply.pipe(outgoing);
    reply.once("end", () => onEnd(true));
  });
  incoming.pipe(onward);
}

function fail(outgoing: ServerResponse, status: number): void {
  if (!outgoing.headersSent) outgoing.writeHead(status);
  outgoing.end();
}
