/** What loopback forges share: HTTP with routes, a log of what was asked, and failures on request. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface RequestSeen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ServerReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Route = readonly [
  method: string,
  path: RegExp,
  answer: (request: RequestSeen, parts: readonly string[]) => ServerReply | Promise<ServerReply>,
];

export const answer = (status: number, body?: unknown): ServerReply => ({ status, body });

/** `path` is the whole path, as the text of an expression. */
export const route = (method: string, path: string, handle: Route[2]): Route => [
  method,
  new RegExp(`^${path}$`),
  handle,
];

export interface ForgeServer {
  readonly url: string;
  readonly requests: RequestSeen[];
  /** The next requests (of this method, when given) are answered so, whatever they ask. */
  readonly fail: (reply: ServerReply, times?: number, method?: string) => void;
  readonly stop: () => Promise<void>;
}

/** `admit` answers a request that may not pass. */
export async function startForgeServer(
  routes: readonly Route[],
  admit: (request: RequestSeen) => ServerReply | undefined,
): Promise<ForgeServer> {
  const requests: RequestSeen[] = [];
  const failing: { reply: ServerReply; times: number; method: string | undefined }[] = [];
  const reply = async (request: RequestSeen): Promise<ServerReply> => {
    const failure = failing.find(
      ({ times, method }) => times > 0 && (method === undefined || method === request.method),
    );
    if (failure) {
      failure.times -= 1;
      return failure.reply;
    }
    const refused = admit(request);
    if (refused) return refused;
    for (const [method, path, handle] of routes) {
      const match = method === request.method ? path.exec(request.path) : null;
      if (match) return await handle(request, match.slice(1).map(decodeURIComponent));
    }
    return { status: 404, body: { message: "Not Found" } };
  };
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "/", "http://forge.test");
      const text = Buffer.concat(chunks).toString("utf8");
      const request: RequestSeen = {
        method: incoming.method ?? "GET",
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
      };
      requests.push(request);
      void reply(request)
        .catch((error: unknown): ServerReply => ({ status: 500, body: { message: String(error) } }))
        .then(({ status, body, headers = {} }) => {
          outgoing.writeHead(status, { "content-type": "application/json", ...headers });
          outgoing.end(body === undefined ? "" : JSON.stringify(body));
        });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (reply, times = 1, method = undefined as string | undefined) =>
      void failing.push({ reply, times, method }),
    stop,
  };
}

/** A page of a listing, as asked for. */
export function pageOf<Item>(items: readonly Item[], { query }: RequestSeen): Item[] {
  const size = Number(query.get("per_page") ?? query.get("limit") ?? 30);
  const from = (Number(query.get("page") ?? 1) - 1) * size;
  return items.slice(from, from + size);
}
