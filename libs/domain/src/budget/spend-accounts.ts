/**
 * What a call is counted against. Every call is booked on seven accounts, capped or not, so that a
 * cap set later finds the truth. The window of an account is the UTC hour, day or month of the
 * reservation and never moves afterwards: a call reserved before midnight is paid by that day.
 */
import type { SpendDecision, SpendRequest } from "./spend-guard.ts";

export const capNames = ["hour", "day", "month", "patch", "repository", "sender", "head"] as const;
export type CapName = (typeof capNames)[number];

/** Limits in micro-dollars; a name that is absent has no cap of its own. */
export type SpendCaps = { readonly [Name in CapName]?: number | undefined };

/** Money on an account, integer micro-dollars. P7: their sum never exceeds the cap. */
export interface Balance {
  /** Reserved by calls that are not settled. */
  readonly heldMicroUsd: number;
  readonly spentMicroUsd: number;
}

export interface SpendAccount {
  readonly cap: CapName;
  readonly key: string;
  readonly limitMicroUsd: number | undefined;
  /** When its window ends, milliseconds since the epoch; 0 when it has none (a patch). */
  readonly resetAt: number;
}

export const emptyBalance: Balance = { heldMicroUsd: 0, spentMicroUsd: 0 };
export const usedOf = ({ heldMicroUsd, spentMicroUsd }: Balance) => heldMicroUsd + spentMicroUsd;

/** The windows that hold `at`, in UTC. */
export function windowsAt(at: number): Record<"hour" | "day" | "month", SpendWindow> {
  const date = new Date(at);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const text = date.toISOString();
  const span = (name: string, from: number, to: number) => ({ name, from, to });
  const hour = Date.UTC(year, month, day, date.getUTCHours());
  return {
    hour: span(text.slice(0, 13), hour, hour + 3_600_000),
    day: span(text.slice(0, 10), Date.UTC(year, month, day), Date.UTC(year, month, day + 1)),
    month: span(text.slice(0, 7), Date.UTC(year, month), Date.UTC(year, month + 1)),
  };
}

/** From inclusive, to exclusive, milliseconds since the epoch; `name` is the ISO 8601 prefix. */
export interface SpendWindow {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The accounts a call reserved at `at` is booked on, in the order of `capNames`. */
export function accountsOf(
  request: Pick<SpendRequest, "patchId" | "repository" | "sender" | "head">,
  caps: SpendCaps,
  at: number,
): SpendAccount[] {
  const windows = windowsAt(at);
  const account = (cap: CapName, key: string, resetAt: number): SpendAccount => ({
    cap,
    key: `${cap}:${key}`,
    limitMicroUsd: caps[cap],
    resetAt,
  });
  const { day } = windows;
  return [
    account("hour", windows.hour.name, windows.hour.to),
    account("day", day.name, day.to),
    account("month", windows.month.name, windows.month.to),
    account("patch", request.patchId, 0),
    account("repository", `${day.name}:${request.repository}`, day.to),
    account("sender", `${day.name}:${request.sender}`, day.to),
    account("head", `${day.name}:${request.head}`, day.to),
  ];
}

/** Why a request cannot be booked whatever the balances; undefined when it can. Fails closed (P7). */
export function requestFault(request: SpendRequest): SpendDecision | undefined {
  const { worstCaseMicroUsd, callId, model } = request;
  if (!Number.isSafeInteger(worstCaseMicroUsd) || worstCaseMicroUsd <= 0)
    return refusal("price", `the worst case of a call to ${model} is not known`, 0);
  return callId === "" ? refusal("call", "the call has no id", 0) : undefined;
}

/** The accounts this amount does not fit on any more. */
export function accountsOver(
  accounts: readonly SpendAccount[],
  balances: readonly Balance[],
  amountMicroUsd: number,
): number[] {
  return accounts.flatMap(({ limitMicroUsd }, index) => {
    const used = usedOf(balances[index] ?? emptyBalance);
    return limitMicroUsd !== undefined && used + amountMicroUsd > limitMicroUsd ? [index] : [];
  });
}

/** When a cap that is in the way opens by itself; never where it has no window. */
export const lastsUntil = ({ resetAt }: Pick<SpendAccount, "resetAt">) =>
  resetAt === 0 ? Number.POSITIVE_INFINITY : resetAt;

/** Words the refusal by the cap that stays in the way longest. */
export function refusalBy(
  accounts: readonly SpendAccount[],
  over: readonly { readonly index: number; readonly usedMicroUsd: number }[],
  amountMicroUsd: number,
): SpendDecision {
  const [worst] = over
    .flatMap(({ index, usedMicroUsd }) => {
      const account = accounts[index];
      return account ? [{ account, usedMicroUsd }] : [];
    })
    .toSorted((one, other) => lastsUntil(other.account) - lastsUntil(one.account));
  if (!worst) throw new RangeError("a refusal without a cap in the way");
  const { account, usedMicroUsd } = worst;
  const limit = dollars(account.limitMicroUsd ?? 0);
  const left = dollars(Math.max(0, (account.limitMicroUsd ?? 0) - usedMicroUsd));
  return refusal(
    account.cap,
    `the call may cost ${dollars(amountMicroUsd)}, ${left} of the cap "${account.cap}" (${limit}) is left`,
    account.resetAt,
  );
}

export function refusal(cap: string, reason: string, resetAt: number): SpendDecision {
  return { kind: "refused", cap, reason, resetAt };
}

/** Micro-dollars as people write them: `$0.500000` is `$0.50`, and no digit is lost. */
export function dollars(microUsd: number): string {
  const text = (Math.abs(microUsd) / 1e6).toFixed(6).replace(/0{1,4}$/, "");
  return `${microUsd < 0 ? "-" : ""}$${text}`;
}
