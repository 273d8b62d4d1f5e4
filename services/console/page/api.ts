/** Reads from and acts through the gateway. The operator token lives in this tab's session only. */
import type { ApprovalProgress, LedgerEntry } from "@council/contracts";
import type { Operator, PatchState, PatchStateKind } from "@council/domain";

const tokenName = "council-token";

export type PatchKind = PatchStateKind | "accepted";

/** One line about a patch, as `GET /v1/patches` answers it. */
export interface PatchLine {
  readonly id: string;
  readonly kind: PatchKind;
  readonly sequence: number;
  readonly title?: string;
  readonly author?: string;
  readonly sender?: string;
  readonly repository?: string;
  readonly targetBranch?: string;
  readonly externalId?: string;
  readonly supersedes?: string;
  readonly submittedAt?: number;
  readonly why?: string;
}

export interface PatchPage {
  readonly patches: readonly PatchLine[];
  readonly before?: number;
  readonly cursor: string;
}

/** Whose token it is, as `GET /v1/me` answers it. */
export interface Me extends Operator {
  /** No one person's: whoever acts says who it is. */
  readonly isShared: boolean;
}

export interface PatchDetail extends PatchLine {
  readonly dossier?: Pick<
    PatchState,
    "base" | "comparison" | "verdict" | "votes" | "landings" | "reverts" | "cause" | "rebases"
  >;
  readonly auditHash?: string;
  readonly approval?: ApprovalProgress;
  readonly timeline: readonly LedgerEntry[];
  readonly isTruncated: boolean;
}

/** The gateway wants an operator token, or another one. */
export class TokenNeeded extends Error {}
/** The position in the feed is not known to this gateway. */
export class CursorRefused extends Error {}
/** This gateway has no such route, or there is no such thing. */
export class NotThere extends Error {}
/** The gateway refused and said why. */
export class Refused extends Error {}

export const token = {
  read: () => sessionStorage.getItem(tokenName) ?? "",
  keep: (value: string) => sessionStorage.setItem(tokenName, value.trim()),
};

export interface Asking {
  readonly method?: "GET" | "POST";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function ask(path: string, asking: Asking = {}): Promise<Response> {
  const { method = "GET", body, signal } = asking;
  const headers = new Headers(asking.headers);
  const known = token.read();
  if (known !== "") headers.set("authorization", `Bearer ${known}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  const response = await fetch(path, {
    method,
    headers,
    cache: "no-store",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  if (response.ok) return response;
  if (response.status === 401) throw new TokenNeeded("the operator token is needed");
  const said = await sentenceOf(response);
  if (response.status === 404) throw new NotThere(said);
  if (response.status === 422 && path === "/v1/events") throw new CursorRefused(said);
  throw new Refused(said);
}

/** JSON of a route; the caller names its shape. */
export async function askJson<Value>(path: string, asking?: Asking): Promise<Value> {
  const response = await ask(path, asking);
  return (await response.json()) as Value;
}

/** What a problem document says, in one line. */
async function sentenceOf(response: Response): Promise<string> {
  try {
    const { detail, remedy } = (await response.json()) as { detail?: string; remedy?: string };
    if (detail) return remedy ? `${detail}: ${remedy}` : detail;
  } catch {
    // No problem document; the status has to do.
  }
  return `the gateway answers ${response.status}`;
}

export const patchPath = (id: string) => `/v1/patches/${encodeURIComponent(id)}`;

export function readPatches(limit: number, before?: number): Promise<PatchPage> {
  const more = before === undefined ? "" : `&before=${before}`;
  return askJson<PatchPage>(`/v1/patches?limit=${limit}${more}`);
}

export function readPatch(id: string, signal?: AbortSignal): Promise<PatchDetail> {
  return askJson<PatchDetail>(patchPath(id), signal ? { signal } : {});
}

export type PatchAction = "approve" | "deny" | "rollback" | "withdraw";

/** Done once, however often it is sent: the key names the decision, not the request. */
export async function act(
  path: string,
  said: { readonly actor: string; readonly reason: string } & Readonly<Record<string, unknown>>,
  key: string,
): Promise<void> {
  await ask(path, { method: "POST", body: said, headers: { "idempotency-key": key } });
}
