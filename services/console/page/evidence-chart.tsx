/** One curve against its limit, the breach marked where it was passed. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import type { Curve } from "./evidence-curves.ts";
import { quantity } from "./quantity.ts";

const height = 236;

export function EvidenceChart(props: { readonly curve: Curve; readonly isBroken: boolean }) {
  const { curve, isBroken } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = place.current;
    if (!target) return;
    const draw = () => new uPlot(optionsOf(target, curve, isBroken), dataOf(curve), target);
    let chart = draw();
    const resize = new ResizeObserver(() => {
      if (target.clientWidth > 0) chart.setSize({ width: target.clientWidth, height });
    });
    resize.observe(target);
    // The colours are those of the theme, and a canvas does not follow them by itself.
    const redraw = () => {
      chart.destroy();
      chart = draw();
    };
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", redraw);
    return () => {
      resize.disconnect();
      themes.disconnect();
      dark.removeEventListener("change", redraw);
      chart.destroy();
    };
  }, [curve, isBroken]);
  return (
    <figure className="evidence">
      <div ref={place} className="chart" role="img" aria-label={summaryOf(curve, isBroken)} />
      <figcaption>
        <span className="key is-canary">canary</span>
        <span className="key is-baseline">baseline</span>
        <span className="key is-limit">limit</span>
        {isBroken && <span className="key is-breach">breach</span>}
      </figcaption>
    </figure>
  );
}

function summaryOf({ ruleId, unit, points }: Curve, isBroken: boolean): string {
  const [, samples, canary, , limit] = points.at(-1) ?? [];
  const value = quantity(canary ?? undefined, unit);
  const against = quantity(limit ?? undefined, unit);
  const end = isBroken ? ", a breach" : "";
  return `${ruleId}: ${value} against a limit of ${against} after ${samples ?? 0} samples${end}`;
}

function dataOf({ points }: Curve): uPlot.AlignedData {
  return [
    points.map(([at]) => at / 1000),
    points.map(([, , canary]) => canary),
    points.map(([, , , baseline]) => baseline),
    points.map(([, , , , limit]) => limit),
  ];
}

function optionsOf(target: HTMLElement, curve: Curve, isBroken: boolean): uPlot.Options {
  const style = getComputedStyle(target);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  const format = (value: number) => quantity(value, curve.unit);
  return {
    width: target.clientWidth || 600,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_chart, low, high) => roomy(low, high) } },
    axes: [
      { ...axis, size: 44 },
      { ...axis, size: 72, values: (_chart, splits) => splits.map(format) },
    ],
    series: [
      {},
      { label: "canary", stroke: colour("--ink-canary"), width: 2, points: { show: false } },
      { label: "baseline", stroke: colour("--soft"), width: 1.25, points: { show: false } },
      {
        label: "limit",
        stroke: colour("--bad"),
        width: 1.25,
        dash: [6, 4],
        points: { show: false },
      },
    ],
    hooks: isBroken ? { draw: [(chart) => markBreach(chart, colour("--bad"))] } : {},
  };
}

function roomy(low: number, high: number): [number, number] {
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return [low - room, high + room];
}

/** A line and a dot where the watch ended in a breach. */
function markBreach(chart: uPlot, colour: string): void {
  const [times, canary] = chart.data;
  const last = canary?.findLastIndex((value) => value !== null && value !== undefined) ?? -1;
  const [time, value] = [times[last], canary?.[last]];
  if (time === undefined || value === undefined || value === null) return;
  const x = Math.round(chart.valToPos(time, "x", true));
  const y = Math.round(chart.valToPos(value, "y", true));
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x, y, 5 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.restore();
}
