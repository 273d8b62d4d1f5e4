import { localDayOf, localInstant, weekdayOf } from "./local-time.ts";

export const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Weekday = (typeof weekdays)[number];

/**
 * When nothing lands. Times are wall-clock times of the zone: a window keeps its place over a change to
 * summer time. A weekly window whose `to` is not after its `from` ends on the next day.
 */
export type FreezeWindow = {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly reason: string;
} & (
  | {
      readonly kind: "weekly";
      readonly days: readonly Weekday[];
      /** `HH:MM`, 24 hours. */
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly kind: "dated";
      /** `YYYY-MM-DDTHH:MM`; `to` is the first moment after it. */
      readonly from: string;
      readonly to: string;
    }
);

/** A freeze that holds now, and when landings go on. */
export interface Freeze {
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** So many windows in a row are followed; a calendar that never ends is looked at again then. */
const mostInARow = 60;

/** The freeze at this moment, over windows that follow each other; undefined when landings are free. */
export function freezeAt(windows: readonly FreezeWindow[], now: number): Freeze | undefined {
  const first = windowAt(windows, now);
  if (!first) return undefined;
  let { until } = first;
  for (let count = 0; count < mostInARow; count += 1) {
    const next = windowAt(windows, until);
    if (!next) break;
    ({ until } = next);
  }
  return { reason: first.reason, until };
}

/** The window that holds at this moment and lasts longest. */
function windowAt(windows: readonly FreezeWindow[], at: number): Freeze | undefined {
  const holding = windows.flatMap((window) =>
    spansAround(window, at).flatMap(([from, to]) =>
      from <= at && at < to ? [{ reason: window.reason, until: to }] : [],
    ),
  );
  return holding.toSorted((one, other) => other.until - one.until)[0];
}

/** The spans of a window, in milliseconds since the epoch, that can hold this moment. */
function spansAround(window: FreezeWindow, at: number): (readonly [number, number])[] {
  const { timeZone } = window;
  if (window.kind === "dated")
    return [[localInstant(window.from, timeZone), localInstant(window.to, timeZone)]];
  const { days, from, to } = window;
  const today = localDayOf(at, timeZone);
  return [-1, 0].flatMap((offset) => {
    const day = today + offset;
    if (!days.includes(weekdays[weekdayOf(day)] ?? "sun")) return [];
    const end = to > from ? day : day + 1;
    return [
      [
        localInstant(`${dateOf(day)}T${from}`, timeZone),
        localInstant(`${dateOf(end)}T${to}`, timeZone),
      ] as const,
    ];
  });
}

const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);

/** Every fault of the windows of a policy, in words. */
export function freezeFaults(windows: readonly FreezeWindow[]): string[] {
  return windows.flatMap((window, index) => {
    const place = `freezes: window ${index + 1}`;
    if (!isZone(window.timeZone))
      return [`${place} is in no known time zone; use an IANA name such as Europe/Berlin`];
    if (window.kind === "weekly")
      return window.days.length === 0 ? [`${place} is on no day; name its days`] : [];
    const [from, to] = [localInstant(window.from, "UTC"), localInstant(window.to, "UTC")];
    return from < to ? [] : [`${place} ends before it begins; correct its dates`];
  });
}

function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
