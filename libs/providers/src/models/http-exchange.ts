import { ModelError } from "./model-api.ts";

/** Larger than any answer that is asked for, bytes. */
const maxBodyBytes = 8 * 1024 * 1024;

/**
 * The `fetch` every SDK is given, so that what happens on the wire means the same for all of them:
 * no redirect is followed (a moved endpoint would be handed key and prompt), an answer is read whole and
 * within a limit, and whatever is not a 2xx is a ModelError.
 */
export async function exchange(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "manual" }).catch((error: unknown) => {
    throw connectionError(error);
  });
  const { status, headers } = response;
  if (status < 200 || status > 299) {
    await response.body?.cancel().catch(() => {});
    throw statusError(status, headers);
  }
  const body = await readBody(response);
  const type = headers.get("content-type") ?? "application/json";
  return new Response(body, { status, headers: { "content-type": type } });
}

function statusError(status: number, headers: Headers): ModelError {
  const retryAfterMs = retryAfterOf(headers.get("retry-after"));
  const details = { status, retryAfterMs };
  if (status === 429 || status === 529)
    return new ModelError("rate-limited", `the endpoint answered ${status}`, details);
  if (status === 408 || status >= 500)
    return new ModelError("server-fault", `the endpoint answered ${status}`, details);
  return new ModelError("request-refused", `the endpoint answered ${status}`, details);
}

/** Seconds, or a date; nothing when it says neither. */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

async function readBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of response.body ?? []) {
      size += part.length;
      if (size > maxBodyBytes) throw new ModelError("malformed", "the answer is too large");
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof ModelError || isAbort(error)) throw error;
    throw new ModelError("cut-off", "the answer broke off");
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Nothing was sent when there was nobody to send it to; a broken connection may have been billed. */
const unsent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

function connectionError(error: unknown): unknown {
  if (isAbort(error)) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (unsent.has(code)) return new ModelError("unreachable", `the endpoint is away (${code})`);
  return new ModelError("cut-off", "the connection broke");
}

const isAbort = (error: unknown) =>
  error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");

/** What an SDK threw, as a ModelError; `signal` tells a time limit from the caller's wish. */
export function modelErrorOf(error: unknown, signal: AbortSignal): ModelError {
  if (signal.aborted) {
    const isTimeout = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    return isTimeout
      ? new ModelError("timeout", "the endpoint did not answer in time")
      : new ModelError("aborted", "aborted while the model was asked");
  }
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 5; depth += 1) {
    if (each instanceof ModelError) return each;
    each = each.cause;
  }
  return new ModelError("malformed", "the answer is not what the protocol says");
}
