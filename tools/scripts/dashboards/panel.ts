/** A dashboard as data: what it asks Prometheus, row by row. */
export interface PanelSpec {
  readonly title: string;
  /** What a person should know to read it. */
  readonly about: string;
  /** A unit of Grafana. */
  readonly unit:
    | "short"
    | "s"
    | "percentunit"
    | "percent"
    | "currencyUSD"
    | "bytes"
    | "reqps"
    | "ops";
  /** One number per series instead of a curve. */
  readonly isStat?: boolean;
  readonly queries: readonly QuerySpec[];
}

export interface QuerySpec {
  readonly expr: string;
  /** A legend of Grafana, for example `{{head}}`. */
  readonly legend: string;
}

export interface DashboardSpec {
  /** Part of its address; never changes. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
}

export const query = (expr: string, legend: string): QuerySpec => ({ expr, legend });

/** Events of the shown time. */
export const during = (selector: string, by: string) =>
  `sum by (${by}) (increase(${selector}[$__range]))`;

/** Median and 95th percentile of a histogram over the shown time, where it has any events. */
export function quantiles(histogram: string, by?: string): QuerySpec[] {
  const labels = by === undefined ? "le" : `le, ${by}`;
  const name = by === undefined ? "" : ` {{${by}}}`;
  return [
    [0.5, "median"],
    [0.95, "p95"],
  ].map(([share, word]) =>
    query(
      `histogram_quantile(${share}, sum by (${labels}) (rate(${histogram}_bucket[$__range])))`,
      `${word}${name}`,
    ),
  );
}
