/** One thread of `run-cells.ts`: answers each piece with its outcomes. */
import { parentPort, workerData } from "node:worker_threads";
import { cellsOf, type Sizes } from "./cells.ts";
import { readRealData } from "./real-data.ts";
import type { Piece } from "./run-cells.ts";

const cells = new Map(cellsOf(workerData as Sizes, readRealData()).map((cell) => [cell.key, cell]));

parentPort?.on("message", ({ key, from, to }: Piece) => {
  const cell = cells.get(key);
  if (!cell) throw new Error(`there is no cell ${key}`);
  parentPort?.postMessage(Array.from({ length: to - from }, (_, at) => cell.run(from + at + 1)));
});
