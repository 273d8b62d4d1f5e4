import { describe, expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

const bare = () => createMetrics("auditor", { hasProcessMetrics: false });

describe("metrics", () => {
  test("counter, gauge and histogram with the service on every series", async () => {
    const metrics = bare();
    const labels = { verdict: ["approve", "reject"] } as const;
    metrics
      .counter({ name: "council_votes_total", help: "Votes.", labels })
      .add(2, { verdict: "approve" });
    const gauge = metrics.gauge({ name: "council_budget_ratio", help: "Budget used." });
    gauge.set(0.5);
    gauge.add(0.25);
    metrics
      .histogram({ name: "council_vote_seconds", help: "Time to vote.", buckets: [1, 10] })
      .observe(3);
    const text = await metrics.expose();
    expect(text).toContain('council_votes_total{verdict="approve",service="auditor"} 2');
    expect(text).toContain('council_budget_ratio{service="auditor"} 0.75');
    expect(text).toContain('council_vote_seconds_bucket{le="10",service="auditor"} 1');
    expect(text).toContain('council_vote_seconds_bucket{le="1",service="auditor"} 0');
    expect(metrics.contentType).toContain("text/plain");
  });

  test("a value outside the declared set becomes other, however many there are", async () => {
    const metrics = bare();
    const counter = metrics.counter({
      name: "council_deliveries_total",
      help: "Deliveries.",
      labels: { source: ["github", "gitlab"] },
    });
    for (let hostile = 0; hostile < 1000; hostile += 1) counter.add(1, { source: `x${hostile}` });
    counter.add(1, { source: "github" });
    counter.add(1, { source: "__proto__" });
    const series = (await metrics.expose())
      .split("\n")
      .filter((line) => line.startsWith("council_"));
    expect(series).toEqual([
      'council_deliveries_total{source="github",service="auditor"} 1',
      'council_deliveries_total{source="gitlab",service="auditor"} 0',
      'council_deliveries_total{source="other",service="auditor"} 1001',
    ]);
  });

  test("counters begin at zero, so that the first event is an increase, unless they are very many", async () => {
    const metrics = bare();
    const many = Array.from({ length: 101 }, (_, index) => `v${index}`);
    metrics.counter({ name: "council_a_total", help: "x", labels: { one: ["p", "q"] } });
    metrics.counter({ name: "council_b_total", help: "x", labels: { many, two: ["p", "q"] } });
    const series = (await metrics.expose())
      .split("\n")
      .filter((line) => line.startsWith("council_"));
    expect(series).toEqual([
      'council_a_total{one="p",service="auditor"} 0',
      'council_a_total{one="q",service="auditor"} 0',
    ]);
  });

  test("histograms begin at zero too, each bucket counted as a series", async () => {
    const metrics = bare();
    const of = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
    const shape = { help: "x", buckets: [1, 2] };
    metrics.histogram({ ...shape, name: "council_a_seconds", labels: { one: of(40) } });
    metrics.histogram({ ...shape, name: "council_b_seconds", labels: { one: of(41) } });
    const series = (await metrics.expose())
      .split("\n")
      .filter((line) => line.startsWith("council_"));
    expect(series).toHaveLength(200);
    expect(series[0]).toBe('council_a_seconds_bucket{le="1",service="auditor",one="v0"} 0');
  });

  test.each(["votes_total", "Council_x", "council_", "council_X", "council_a-b", "process_x"])(
    "the name %s is a bug",
    (name) => {
      expect(() => bare().counter({ name, help: "x" })).toThrow(`the metric ${name} must start`);
    },
  );

  test.each([
    "quorum_ast_diff_percent",
    "builder_meta_explained_total",
    "gemini_rollback_triggered_total",
    "cost_daily_burn_rate",
    "accuracy_baseline_score",
  ])("the inherited name %s is allowed", async (name) => {
    const metrics = bare();
    metrics.gauge({ name, help: "x" }).set(1);
    expect(await metrics.expose()).toContain(`${name}{service="auditor"} 1`);
  });

  test("two services in one process keep their own registries", async () => {
    const [one, two] = [bare(), bare()];
    one.counter({ name: "council_a_total", help: "x" }).add(1);
    two.counter({ name: "council_a_total", help: "x" }).add(5);
    expect(await one.expose()).toContain('council_a_total{service="auditor"} 1');
  });

  test("process figures come by default", async () => {
    expect(await createMetrics("auditor").expose()).toContain("process_resident_memory_bytes");
  });
});
