/** What is spent, on what, and how long it lasts: made from the spend ledger alone. */
import {
  outlookOf,
  type Outlook,
  type SpendAccount,
  type SpendEntry,
  type SpendRow,
  spendRows,
  type SpendStatus,
  type SpendStop,
  type SpendSum,
  sumBy,
  suspensionsOf,
  type Suspension,
  windowsAt,
} from "@council/domain";

import type { PatchSummary } from "@council/contracts";

export interface WindowReport extends Partial<Outlook> {
  readonly cap: string;
  readonly limitMicroUsd: number | null;
  readonly heldMicroUsd: number;
  readonly spentMicroUsd: number;
  readonly resetAt: number;
}

export interface SpendReport {
  readonly at: number;
  readonly mode: SpendStatus["mode"];
  /** Why nothing may be spent, or some heads may not; empty when all may. */
  readonly suspended: readonly Suspension[];
  readonly stop?: SpendStop;
  /** Patches held for money, newest first; `resetAt` 0: until an operator says otherwise. */
  readonly waiting: readonly {
    readonly id: string;
    readonly why: string;
    readonly resetAt: number;
  }[];
  /** Micro-dollars by name; a cap that is not set is missing. */
  readonly limits: SpendStatus["caps"];
  readonly windows: readonly WindowReport[];
  readonly heads: readonly WindowReport[];
  /** This UTC month by head, model and repository. */
  readonly month: {
    readonly head: readonly SpendSum[];
    readonly model: readonly SpendSum[];
    readonly repository: readonly SpendSum[];
  };
}

export function spendReport(input: {
  readonly status: SpendStatus;
  readonly entries: readonly SpendEntry[];
  readonly heads: readonly string[];
  readonly at: number;
  readonly held: readonly PatchSummary[];
}): SpendReport {
  const { status, entries, heads, at, held } = input;
  const windows = windowsAt(at);
  const reports = status.accounts.map((account): WindowReport => {
    const { cap, resetAt, heldMicroUsd, spentMicroUsd, limitMicroUsd } = account;
    const window = cap === "hour" || cap === "month" ? windows[cap] : windows.day;
    const outlook =
      limitMicroUsd === undefined ? {} : outlookOf(account, limitMicroUsd, window, at);
    const limit = limitMicroUsd ?? null;
    return {
      cap: nameOf(account),
      limitMicroUsd: limit,
      heldMicroUsd,
      spentMicroUsd,
      resetAt,
      ...outlook,
    };
  });
  const rows = spendRows(entries);
  const isHead = ({ cap }: WindowReport) => cap.startsWith("head:");
  return {
    at,
    mode: status.mode,
    suspended: suspensionsOf(status, heads),
    ...(status.stop ? { stop: status.stop } : {}),
    waiting: held.flatMap(({ id, why = "", resetAt }) =>
      resetAt === undefined ? [] : [{ id, why, resetAt }],
    ),
    limits: status.caps,
    windows: reports.filter((report) => !isHead(report)),
    heads: reports.filter(isHead),
    month: {
      head: sumBy(rows, ({ head }) => head),
      model: sumBy(rows, ({ model }) => model),
      repository: sumBy(rows, ({ repository }) => repository),
    },
  };
}

/** `head:2026-01-31:gemini` is told as `head:gemini`. */
function nameOf({ cap, key }: SpendAccount): string {
  return cap === "head" ? `head:${key.slice("head:YYYY-MM-DD:".length)}` : cap;
}

const columns = [
  "at",
  "call",
  "state",
  "head",
  "model",
  "repository",
  "sender",
  "patch",
  "reserved_micro_usd",
  "charged_micro_usd",
] as const;

/** One line per paid call (RFC 4180), oldest first. */
export function spendCsv(rows: readonly SpendRow[]): string {
  const lines = rows.map(({ at, request, state, chargedMicroUsd }) => [
    new Date(at).toISOString(),
    request.callId,
    state,
    request.head,
    request.model,
    request.repository,
    request.sender,
    request.patchId,
    String(request.worstCaseMicroUsd),
    String(chargedMicroUsd),
  ]);
  return [columns, ...lines].map((cells) => `${cells.map(cellOf).join(",")}\r\n`).join("");
}

/** A name from outside must not become a formula where the table is opened. */
function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
