import type { BenchmarkScore } from "@council/domain";
import { z } from "zod";
import type { LedgerEntry } from "./ledger-entry.ts";
import { sha256Schema } from "./patch-schema.ts";

/** Where the score is kept that a repository's benchmark is compared with; in the repository's partition. */
export const baselineSubject = (repository: string) => `accuracy/${repository}`;
export const isBaselineSubject = (subject: string) => subject.startsWith("accuracy/");

/** One run over a benchmark set, as it is measured, sent and stored. */
export const benchmarkScoreSchema: z.ZodType<BenchmarkScore> = z
  .strictObject({
    set: sha256Schema,
    total: z.number().int().min(1).max(10_000),
    wrong: z.array(z.string().min(1).max(100)).max(10_000),
  })
  .refine(({ total, wrong }) => new Set(wrong).size === wrong.length && wrong.length <= total, {
    path: ["wrong"],
    message: "names a case twice, or more cases than there are",
  });

/** `POST /v1/accuracy/:repository`: from now on the benchmark is compared with this score. */
export const baselineBodySchema = z.strictObject({
  score: benchmarkScoreSchema,
  actor: z.string().min(1).max(200).exactOptional(),
  reason: z.string().min(1).max(2000),
});

/** The same on its way to the patch controller. */
export const setBaselineSchema = z.strictObject({
  type: z.literal("set-accuracy-baseline"),
  score: benchmarkScoreSchema,
  actor: z.string().min(1).max(200),
  reason: z.string().min(1).max(2000),
});

/** An operator's approval of a baseline: an entry of the ledger, in a chain of its own. */
export interface AccuracyBaselineSet {
  readonly type: "AccuracyBaselineSet";
  readonly score: BenchmarkScore;
  readonly actor: string;
  readonly reason: string;
}

/** The baseline in force, and where its chain of entries ends. */
export interface StoredBaseline {
  readonly score: BenchmarkScore;
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
  /** How many baselines there have been. */
  readonly sequence: number;
  /** Digest of the ledger entry that put it in force. */
  readonly chainHead: string;
}

/** An entry about a repository stands in the ledger beside those about patches, under its subject. */
export type BaselineEntry = LedgerEntry<AccuracyBaselineSet>;
