/**
 * Runs cells on some worker threads, in pieces of a few seconds, and keeps each finished piece in a folder
 * named after the code that made it: a run that was stopped goes on where it was.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Cell, Outcome, Sizes } from "./cells.ts";

/** Outcomes by cell, in the order of the seeds. */
export type Outcomes = ReadonlyMap<string, readonly Outcome[]>;

/** Runs `from` to below `to` of a cell, counted from 0. */
export interface Piece {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

export interface Running {
  readonly cells: readonly Cell[];
  readonly sizes: Sizes;
  readonly workers: number;
  /** Where pieces are kept. */
  readonly folder: string;
  /** Whether costs are those of the real trace; pieces made otherwise are others. */
  readonly isReal: boolean;
  readonly say: (text: string) => void;
}

const pieceRuns = 10;
const sayEveryMs = 10_000;

/** In this thread, nothing kept: for tests. */
export function runHere(cells: readonly Cell[]): Outcomes {
  return new Map(
    cells.map(({ key, runs, run }) => [key, Array.from({ length: runs }, (_, at) => run(at + 1))]),
  );
}

export async function runCells(running: Running): Promise<Outcomes> {
  const { cells, sizes, workers, folder, say } = running;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${running.isReal ? "real" : "drawn"}-${digestOfCode()}.ndjson`);
  const kept = readKept(file);
  const all = cells.flatMap(piecesOf);
  const queue = all.filter((piece) => !kept.has(nameOf(piece)));
  if (queue.length < all.length)
    say(`${all.length - queue.length} of ${all.length} pieces are kept from before`);
  const startedAt = Date.now();
  let [done, saidAt] = [0, startedAt];
  const total = queue.length;
  const onDone = (piece: Piece, outcomes: readonly Outcome[]) => {
    kept.set(nameOf(piece), outcomes);
    appendFileSync(file, `${JSON.stringify({ name: nameOf(piece), outcomes })}\n`);
    done += 1;
    if (Date.now() - saidAt < sayEveryMs) return;
    saidAt = Date.now();
    const leftMs = ((saidAt - startedAt) / done) * (total - done);
    say(`${done} of ${total} pieces, about ${Math.ceil(leftMs / 60_000)} min left (${piece.key})`);
  };
  const threads = Math.min(workers, queue.length);
  await Promise.all(Array.from({ length: threads }, () => work(queue, sizes, onDone)));
  return new Map(
    cells.map((cell) => [
      cell.key,
      piecesOf(cell).flatMap((piece) => kept.get(nameOf(piece)) ?? []),
    ]),
  );
}

/** Takes piece after piece until none is left. */
function work(
  queue: Piece[],
  sizes: Sizes,
  onDone: (piece: Piece, outcomes: readonly Outcome[]) => void,
): Promise<void> {
  const worker = new Worker(new URL("cell-worker.ts", import.meta.url), { workerData: sizes });
  return new Promise((resolve, reject) => {
    let piece: Piece | undefined;
    const next = () => {
      piece = queue.shift();
      if (piece) worker.postMessage(piece);
      else void worker.terminate().then(() => resolve());
    };
    worker.on("error", reject);
    worker.on("message", (outcomes: readonly Outcome[]) => {
      if (piece) onDone(piece, outcomes);
      next();
    });
    next();
  });
}

function piecesOf({ key, runs }: Cell): Piece[] {
  return Array.from({ length: Math.ceil(runs / pieceRuns) }, (_, at) => {
    return { key, from: at * pieceRuns, to: Math.min(runs, (at + 1) * pieceRuns) };
  });
}

const nameOf = ({ key, from, to }: Piece) => `${key} [${from}, ${to})`;

/** A last line that was cut off is no piece. */
function readKept(file: string): Map<string, readonly Outcome[]> {
  const kept = new Map<string, readonly Outcome[]>();
  if (!existsSync(file)) return kept;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    try {
      const { name, outcomes } = JSON.parse(line) as { name: string; outcomes: readonly Outcome[] };
      kept.set(name, outcomes);
    } catch {
      continue;
    }
  }
  return kept;
}

/** Of everything an outcome follows from: the tests, the default policy, and this folder. */
function digestOfCode(): string {
  const domain = join(import.meta.dirname, "..", "..", "..", "libs", "domain", "src");
  const files = [
    join(domain, "default-policy.ts"),
    ...sourcesIn(join(domain, "observation")),
    ...sourcesIn(import.meta.dirname),
  ];
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

const sourcesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .toSorted()
    .map((name) => join(folder, name));
