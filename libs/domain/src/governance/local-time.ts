/** Wall-clock times of a time zone. Pure: the same arguments and the same time zone data, the same answer. */
const dayMs = 86_400_000;

/** The day at this moment as a clock in the zone shows it, in days since 1970-01-01. */
export const localDayOf = (at: number, timeZone: string): number =>
  Math.floor((at + offsetAt(at, timeZone)) / dayMs);

/** 0 is Sunday; the first of January 1970 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

/**
 * The moment at which a clock in the zone shows `YYYY-MM-DDTHH:MM` (24:00 is the end of the day). A time
 * that is skipped in spring counts as the moment of the change, one that comes twice in autumn as its first.
 */
export function localInstant(local: string, timeZone: string): number {
  const [date = "", time = "00:00"] = local.split("T");
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const wall = Date.parse(`${date}T00:00:00Z`) + (hours * 60 + minutes) * 60_000;
  const candidates = [wall - dayMs, wall + dayMs]
    .map((near) => wall - offsetAt(near, timeZone))
    .toSorted((one, other) => one - other);
  const exact = candidates.find((at) => at + offsetAt(at, timeZone) === wall);
  return exact ?? candidates[0] ?? wall;
}

/** How far the zone's clock is ahead of UTC at this moment, milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: string) => parts.get(name as Intl.DateTimeFormatPartTypes) ?? 0;
  const shown = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return shown - Math.floor(at / 1000) * 1000;
}
