import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";

const caseSchema = z.strictObject({
  id: z.string().min(1).max(100),
  /** Any JSON value; it is all that the command is told of a case. */
  input: z.json(),
  expected: z.json(),
});
export type BenchmarkCase = z.infer<typeof caseSchema>;

/** Cases with the answers that are right; its version is the digest of the file. */
export interface BenchmarkSet {
  /** SHA-256 of the file's bytes, as `sha256sum` prints it. */
  readonly digest: string;
  readonly cases: readonly BenchmarkCase[];
}

export type ReadBenchmarkSet =
  | { readonly kind: "read"; readonly set: BenchmarkSet }
  | { readonly kind: "faulty"; readonly reason: string };

const mostCases = 10_000;
const mostBytes = 8 * 1024 * 1024;

/** Reads a set from its file; never rejects. */
export async function readBenchmarkFile(path: string): Promise<ReadBenchmarkSet> {
  try {
    const read = readBenchmarkSet(await readFile(path));
    return read.kind === "read" ? read : { ...read, reason: `${path}: ${read.reason}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "faulty", reason: `${path} cannot be read (${reason}); name a readable file` };
  }
}

/** Reads JSON lines `{"id", "input", "expected"}`. Total: the first fault is named with its line. */
export function readBenchmarkSet(bytes: Uint8Array): ReadBenchmarkSet {
  const faulty = (reason: string): ReadBenchmarkSet => ({ kind: "faulty", reason });
  if (bytes.byteLength > mostBytes) return faulty(`more than ${mostBytes} bytes; use fewer cases`);
  const cases = new Map<string, BenchmarkCase>();
  for (const [index, line] of Buffer.from(bytes).toString("utf8").split("\n").entries()) {
    if (line.trim() === "") continue;
    const read = caseSchema.safeParse(parsed(line));
    const where = `line ${index + 1}`;
    if (!read.success)
      return faulty(`${where} is no case; write {"id": text, "input": …, "expected": …}`);
    if (cases.has(read.data.id))
      return faulty(`${where} has the id "${read.data.id}" a second time; give each case its own`);
    cases.set(read.data.id, read.data);
  }
  if (cases.size === 0) return faulty("there is no case in it; write one per line");
  if (cases.size > mostCases) return faulty(`more than ${mostCases} cases; use fewer`);
  const digest = createHash("sha256").update(bytes).digest("hex");
  return { kind: "read", set: { digest, cases: [...cases.values()] } };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
