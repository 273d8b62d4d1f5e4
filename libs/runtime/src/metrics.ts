import { inheritedMetrics } from "@council/contracts";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

const inheritedNames: ReadonlySet<string> = new Set(Object.values(inheritedMetrics));
/** Metrics with more series than this are not begun at zero. */
const mostBegun = 200;

type LabelSets = Readonly<Record<string, readonly string[]>>;

/** Label values may be any text; what is outside the declared set is counted as `other`. */
export type LabelValues<L extends LabelSets> = { readonly [Label in keyof L]: string };

type Labelled<L extends LabelSets> = keyof L extends never
  ? readonly [labels?: LabelValues<L>]
  : readonly [labels: LabelValues<L>];

export interface MetricShape<L extends LabelSets> {
  readonly name: string;
  readonly help: string;
  /** Every label with all values it may take, so that a hostile value cannot make new series. */
  readonly labels?: L;
}

export interface BoundedCounter<L extends LabelSets> {
  readonly add: (amount: number, ...labels: Labelled<L>) => void;
}

export interface BoundedGauge<L extends LabelSets> {
  readonly set: (value: number, ...labels: Labelled<L>) => void;
  readonly add: (amount: number, ...labels: Labelled<L>) => void;
}

export interface BoundedHistogram<L extends LabelSets> {
  readonly observe: (value: number, ...labels: Labelled<L>) => void;
}

export interface Metrics {
  readonly counter: <const L extends LabelSets = Record<never, never>>(
    shape: MetricShape<L>,
  ) => BoundedCounter<L>;
  readonly gauge: <const L extends LabelSets = Record<never, never>>(
    shape: MetricShape<L>,
  ) => BoundedGauge<L>;
  /** `buckets` are upper bounds, ascending, in the unit the metric's name ends in. */
  readonly histogram: <const L extends LabelSets = Record<never, never>>(
    shape: MetricShape<L> & { readonly buckets: readonly number[] },
  ) => BoundedHistogram<L>;
  readonly contentType: string;
  /** The Prometheus text exposition. */
  readonly expose: () => Promise<string>;
}

/**
 * A registry of its own, each series labelled with the service. `hasProcessMetrics` (default true)
 * adds the CPU, memory, garbage-collection and event-loop figures Node dashboards expect.
 */
export function createMetrics(
  service: string,
  options: { readonly hasProcessMetrics?: boolean } = {},
): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (options.hasProcessMetrics ?? true) collectDefaultMetrics({ register: registry });
  return {
    counter: (shape) => {
      const counter = new Counter(configurationOf(registry, shape));
      // A series that begins at 1 has not increased: the first rollback would go unseen.
      for (const labels of labelSetsOf(shape.labels)) counter.inc(labels, 0);
      return { add: (amount, ...labels) => counter.inc(bounded(shape.labels, labels), amount) };
    },
    gauge: (shape) => {
      const gauge = new Gauge(configurationOf(registry, shape));
      return {
        set: (value, ...labels) => gauge.set(bounded(shape.labels, labels), value),
        add: (amount, ...labels) => gauge.inc(bounded(shape.labels, labels), amount),
      };
    },
    histogram: (shape) => {
      const buckets = [...shape.buckets];
      const histogram = new Histogram({ ...configurationOf(registry, shape), buckets });
      // A bucket, the sum and the count are a series each.
      const each = buckets.length + 3;
      for (const labels of labelSetsOf(shape.labels, each)) histogram.zero(labels);
      return {
        observe: (value, ...labels) => histogram.observe(bounded(shape.labels, labels), value),
      };
    },
    contentType: registry.contentType,
    expose: () => registry.metrics(),
  };
}

function configurationOf(
  registry: Registry,
  shape: MetricShape<LabelSets>,
): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
  if (!/^council_[a-z][a-z0-9_]*$/.test(shape.name) && !inheritedNames.has(shape.name)) {
    throw new TypeError(`the metric ${shape.name} must start with council_`);
  }
  const labelNames = Object.keys(shape.labels ?? {});
  return { name: shape.name, help: shape.help, labelNames, registers: [registry] };
}

/** Every combination of declared values; none when they are too many. */
function labelSetsOf(sets: LabelSets = {}, seriesOfEach = 1): Record<string, string>[] {
  const entries = Object.entries(sets);
  const count = entries.reduce((product, [, values]) => product * values.length, seriesOfEach);
  if (count > mostBegun) return [];
  return entries.reduce<Record<string, string>[]>(
    (begun, [label, values]) =>
      begun.flatMap((rest) => values.map((value) => ({ ...rest, [label]: value }))),
    [{}],
  );
}

function bounded(
  sets: LabelSets | undefined,
  [labels]: readonly [labels?: Readonly<Record<string, string>>],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sets ?? {}).map(([label, allowed]) => {
      const value = labels?.[label];
      return [label, value !== undefined && allowed.includes(value) ? value : "other"];
    }),
  );
}
