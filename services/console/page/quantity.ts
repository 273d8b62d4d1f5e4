/** A measured value with its unit, as people write it; a dash when there is none. */
export function quantity(value: number | undefined, unit: string): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  switch (unit) {
    case "ratio":
      return `${(value * 100).toFixed(1)} %`;
    case "percent":
      return `${value.toFixed(1)} %`;
    case "micro-usd":
      return dollars(value);
    case "usd":
      return `$${value}`;
    default:
      return `${value.toFixed(Math.abs(value) < 10 ? 2 : 1)} ${unit}`;
  }
}

/** Micro-dollars as dollars: cents from ten cents on, three figures below. */
export function dollars(microUsd: number): string {
  const value = microUsd / 1e6;
  if (value === 0) return "$0.00";
  return Math.abs(value) >= 0.1 ? `$${value.toFixed(2)}` : `$${Number(value.toPrecision(3))}`;
}

/** A time span in the two largest units that say something. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3600) return units(Math.floor(seconds / 60), "min", Math.round(seconds % 60), "s");
  if (seconds < 86_400)
    return units(Math.floor(seconds / 3600), "h", Math.round((seconds % 3600) / 60), "min");
  return units(Math.floor(seconds / 86_400), "d", Math.round((seconds % 86_400) / 3600), "h");
}

const units = (large: number, name: string, small: number, smallName: string) =>
  small === 0 ? `${large} ${name}` : `${large} ${name} ${small} ${smallName}`;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** How long ago, in the largest unit that fits. Both in milliseconds since the epoch. */
export function ago(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  if (Math.abs(seconds) < 10) return "just now";
  if (Math.abs(seconds) < 60) return relative.format(seconds, "second");
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}
