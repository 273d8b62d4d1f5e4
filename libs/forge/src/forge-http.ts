import { ForgeError } from "./forge-error.ts";

export interface ForgeCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  /** Below the API's address, with encoded segments. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** Statuses beside 2xx that are answers and no failures. */
  readonly answers?: readonly number[];
}

export interface ForgeReply {
  readonly status: number;
  readonly body: unknown;
}

export type ForgeHttp = (call: ForgeCall) => Promise<ForgeReply>;

const timeoutMs = 15_000;
const mostBytes = 8_000_000;
const perPage = 100;

/**
 * JSON over HTTP with one forge. Follows no redirect and no address out of an answer. After a
 * rate-limited answer nothing is sent until the forge's own time is over. Throws ForgeError.
 */
export function forgeHttp(options: {
  readonly apiUrl: string;
  /** Asked before each call, so that short-lived credentials stay fresh. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly clock?: () => number;
}): ForgeHttp {
  const { apiUrl, headers, clock = Date.now } = options;
  let blockedUntil = 0;
  return async ({ method, path, query = {}, body, answers = [] }) => {
    const where = `${method} ${path}`;
    const waitMs = blockedUntil - clock();
    if (waitMs > 0) throw new ForgeError("rate-limited", `${where}: not yet`, waitMs);
    const url = new URL(apiUrl.replace(/\/$/, "") + path);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    const own = { "user-agent": "council", "content-type": "application/json" };
    const response = await answerOf(where, url, {
      method,
      headers: { ...own, ...(await headers()) },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status } = response;
    if (response.isOk || answers.includes(status)) return { status, body: parsed(where, response) };
    const failure = failureOf(where, response, clock());
    if (failure.code === "rate-limited") blockedUntil = clock() + failure.retryAfterMs;
    throw failure;
  };
}

/** All items of a listing, page by page, at most `most`. */
export async function allPages(
  http: ForgeHttp,
  call: Pick<ForgeCall, "path" | "query">,
  { most, itemsOf = listOf }: { most: number; itemsOf?: (body: unknown) => readonly unknown[] },
): Promise<unknown[]> {
  const items: unknown[] = [];
  let last = "";
  for (let page = 1; items.length < most; page += 1) {
    const query = { ...call.query, per_page: perPage, limit: perPage, page };
    const found = itemsOf((await http({ method: "GET", path: call.path, query })).body);
    // A listing that knows no pages gives all of it again and again.
    const seen = JSON.stringify(found[0]);
    if (seen === last) break;
    last = seen;
    items.push(...found);
    if (found.length < perPage) break;
  }
  return items.slice(0, most);
}

function listOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body as unknown[];
  throw new ForgeError("malformed", "a list was expected");
}

interface Answer {
  readonly status: number;
  readonly isOk: boolean;
  readonly headers: Headers;
  readonly text: string;
}

async function answerOf(where: string, url: URL, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, init);
    const { status, ok: isOk, headers } = response;
    return { status, isOk, headers, text: await boundedText(response) };
  } catch (error) {
    if (error instanceof ForgeError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ForgeError("unreachable", `${where}: ${reason}`);
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > mostBytes) throw new ForgeError("malformed", "the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(where: string, { text }: Answer): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ForgeError("malformed", `${where}: the answer is no JSON`);
  }
}

function failureOf(where: string, { status, headers, text }: Answer, now: number): ForgeError {
  const said = `${where}: ${status} ${messageOf(text)}`.trim();
  const isSpent = headers.get("x-ratelimit-remaining") === "0";
  if (status === 429 || (status === 403 && (isSpent || headers.has("retry-after"))))
    return new ForgeError("rate-limited", said, waitOf(headers, now));
  if (status === 401 || status === 403) return new ForgeError("unauthorized", said);
  if (status === 404 || status === 410) return new ForgeError("not-found", said);
  if (status >= 500) return new ForgeError("unreachable", said);
  return new ForgeError("refused", said);
}

/** Seconds in `retry-after`, or the second since the epoch at which the limit is reset; a minute otherwise. */
function waitOf(headers: Headers, now: number): number {
  const [after, reset] = [
    Number(headers.get("retry-after")),
    Number(headers.get("x-ratelimit-reset")),
  ];
  const waitMs = after > 0 ? after * 1000 : reset > 0 ? reset * 1000 - now : 60_000;
  return Math.min(3_600_000, Math.max(1000, waitMs));
}

/** What the forge says of the failure, one printable line. */
export function messageOf(text: string): string {
  let said: unknown = text;
  try {
    said = (JSON.parse(text) as { message?: unknown }).message ?? "";
  } catch {
    said = "";
  }
  const line = typeof said === "string" ? said : JSON.stringify(said);
  return line.replaceAll(/[\p{C}]/gu, " ").slice(0, 300);
}
