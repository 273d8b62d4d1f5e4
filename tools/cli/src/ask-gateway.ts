/** The one way in which commands talk to the gateway. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { readClientSettings } from "./client-settings.ts";
import { CommandError, type ExitName } from "./exit-codes.ts";

export interface Gateway {
  readonly url: string;
  readonly token: string | undefined;
}

export interface Question {
  /** Absent: GET without a body, POST with one. */
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type GatewayAnswer =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "refused"; readonly exit: ExitName; readonly reason: string };

const timeoutMs = 10_000;

/** The gateway a command is to ask: `--url`, else `COUNCIL_URL`, else this machine. */
export async function gatewayOf({ url }: { readonly url?: string | undefined }): Promise<Gateway> {
  const settings = await readClientSettings();
  const usual = settings.url ?? `http://127.0.0.1:${settings.httpPort}`;
  return { url: url ?? usual, token: settings.operatorToken };
}

/** Asks the gateway. Never rejects: whatever goes wrong is a refusal with its remedy. */
export async function askGateway(
  { url, token }: Gateway,
  path: string,
  { method, body, headers = {} }: Question = {},
): Promise<GatewayAnswer> {
  try {
    const { status, text } = await send(new URL(path, url), {
      method: method ?? (body === undefined ? "GET" : "POST"),
      body: typeof body === "object" ? JSON.stringify(body) : body,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    if (status >= 200 && status < 300) return { kind: "answered", text };
    return { kind: "refused", exit: exitOf(status), reason: problemText(text, status) };
  } catch (error) {
    const reason = `${url} does not answer (${reasonOf(error)}); start the gateway, or name another with --url or COUNCIL_URL`;
    return { kind: "refused", exit: "unreachable", reason };
  }
}

/** Half of what `fetch` takes to load, and it never takes the token elsewhere by following a redirect. */
async function send(
  address: URL,
  asked: { method: string; body: string | undefined; headers: Record<string, string> },
): Promise<{ readonly status: number; readonly text: string }> {
  const { request } =
    address.protocol === "https:" ? await import("node:https") : await import("node:http");
  const { method, headers, body } = asked;
  const sent = request(address, { method, headers, signal: AbortSignal.timeout(timeoutMs) });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") };
}

/** The answer as text. Throws CommandError with the gateway's own reason and remedy. */
export async function askForText(
  gateway: Gateway,
  path: string,
  question?: Question,
): Promise<string> {
  const answer = await askGateway(gateway, path, question);
  if (answer.kind === "answered") return answer.text;
  throw new CommandError(answer.exit, answer.reason);
}

/** The answer as JSON. Throws CommandError, also when the answer is none. */
export async function askForJson<Answer>(
  gateway: Gateway,
  path: string,
  question?: Question,
): Promise<Answer> {
  const text = await askForText(gateway, path, question);
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new CommandError(
      "unreachable",
      `${gateway.url} answered something else than JSON; is it Council's gateway?`,
    );
  }
}

/** A route with its patch, or whatever else it names, filled in. */
export function routeTo(route: string, name: string): string {
  return route.replace(/:[a-z]+/, encodeURIComponent(name));
}

function exitOf(status: number): ExitName {
  if (status === 401 || status === 403) return "forbidden";
  return status === 404 ? "unknown" : "no";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== ""
    ? error.cause.message
    : error.message;
}

interface Fault {
  readonly field?: unknown;
  readonly detail?: unknown;
  readonly remedy?: unknown;
}

function problemText(text: string, status: number): string {
  const problem = parsed(text) as Fault & { readonly issues?: readonly Fault[] };
  const faults =
    Array.isArray(problem.issues) && problem.issues.length > 0 ? problem.issues : [problem];
  const said = faults.map(({ field, detail, remedy }) => {
    const where = typeof field === "string" && problem.issues !== undefined ? `${field}: ` : "";
    return where + [detail, remedy].filter((part) => typeof part === "string").join("; ");
  });
  const whole = said.filter((part) => part !== "").join("\n");
  return whole === "" ? `the gateway answered ${status}` : whole;
}

function parsed(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return {};
  }
}
