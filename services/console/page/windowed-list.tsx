import { type ReactNode, type RefObject, useEffect, useMemo, useState } from "react";

/** Rows that are drawn beyond what is seen, on each side. */
const beyond = 8;

/**
 * Draws only the rows that are seen, whatever their number. Every row has its height from `heightOf`,
 * so nothing moves when rows come and go. Scrolls with the window.
 */
export function WindowedList<Row>(props: {
  readonly rows: readonly Row[];
  readonly heightOf: (row: Row) => number;
  readonly keyOf: (row: Row) => string;
  readonly draw: (row: Row) => ReactNode;
  readonly place: RefObject<HTMLDivElement | null>;
  readonly onEnd: () => void;
}) {
  const { rows, heightOf, place, onEnd } = props;
  const [view, setView] = useState({ top: 0, height: innerHeight });
  useEffect(() => {
    let isPlanned = false;
    const look = () => {
      isPlanned = false;
      const top = -(place.current?.getBoundingClientRect().top ?? 0);
      setView((before) =>
        before.top === top && before.height === innerHeight ? before : { top, height: innerHeight },
      );
    };
    const plan = () => {
      if (isPlanned) return;
      isPlanned = true;
      requestAnimationFrame(look);
    };
    look();
    addEventListener("scroll", plan, { passive: true });
    addEventListener("resize", plan);
    return () => {
      removeEventListener("scroll", plan);
      removeEventListener("resize", plan);
    };
  }, [place]);
  const tops = useMemo(() => topsOf(rows, heightOf), [rows, heightOf]);
  const total = tops.at(-1) ?? 0;
  const isNearEnd = view.top + view.height * 3 > total;
  useEffect(() => {
    if (isNearEnd) onEnd();
  }, [isNearEnd, rows.length, onEnd]);
  const from = Math.max(0, indexAt(tops, view.top) - beyond);
  const to = Math.min(rows.length, indexAt(tops, view.top + view.height) + 1 + beyond);
  return (
    <div ref={place} className="windowed" style={{ height: total }}>
      {rows.slice(from, to).map((row, at) => (
        <div
          key={props.keyOf(row)}
          className="windowed-row"
          style={{ transform: `translateY(${tops[from + at] ?? 0}px)`, height: heightOf(row) }}
        >
          {props.draw(row)}
        </div>
      ))}
    </div>
  );
}

/** Where each row begins, and last where all end. */
function topsOf<Row>(rows: readonly Row[], heightOf: (row: Row) => number): number[] {
  const tops = [0];
  for (const row of rows) tops.push((tops.at(-1) ?? 0) + heightOf(row));
  return tops;
}

/** The row at a height, by halving. */
function indexAt(tops: readonly number[], height: number): number {
  let [low, high] = [0, tops.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}
