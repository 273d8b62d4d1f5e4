import { type Delivery, memoryBus, type MemoryBus } from "@council/bus";
import { patchCommandSchema } from "@council/contracts";
import type { Comparison } from "@council/domain";
import { candidateDigest, sha256Hex } from "@council/evidence";
import { diffBytes, fetchBranches, type Mirror } from "@council/git";
import { type TestFile, testRemote, type TestRemote } from "@council/git/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { comparePatch } from "./compare-patch.ts";
import type { ComparisonReport } from "./comparison-report.ts";
import type { ComparePool } from "./compare-pool.ts";
import { type CompareJob, compareInWorker } from "./compare-worker.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
type Files = Readonly<Record<string, TestFile>>;
const patch = {
  id: "p03-abcdefgh",
  repository: "shop",
  targetBranch: "main",
  title: "t",
  author: "a",
};
const large = `${"x".repeat(9000)}\n`.repeat(150);
const sum = (body: string) => `export function sum(a, b) {\n  return ${body};\n}\n`;
let remote: TestRemote;
let mirror: Mirror;
let base: string;
beforeAll(async () => {
  const files: Files = {
    "src/sum.js": sum("a - b"),
    "src/gone.js": "export const gone = 1;\n",
    "latin.txt": Buffer.from([0xe4, 10]),
    "large.js": `// 0\n${large}`,
    "run.sh": "echo hi\n",
    ...Object.fromEntries(
      Array.from({ length: 120 }, (_, at) => [`many/${at}.js`, `export const n = ${at};\n`]),
    ),
  };
  remote = await testRemote(files);
  mirror = await remote.mirror();
  base = (await remote.head()) ?? "";
});
afterAll(() => remote.remove());

async function diffOf(files: Files): Promise<Buffer> {
  await remote.setBranch("work", base);
  const work = await remote.commit({ branch: "work", files });
  await fetchBranches(mirror);
  return await diffBytes(mirror, base, work);
}

async function store(
  bus: MemoryBus,
  bytes: Uint8Array,
  digest = sha256Hex(bytes),
): Promise<string> {
  await bus.ingest(3, {
    id: digest,
    keys: [{ key: digest }],
    messages: [],
    blobs: [{ digest, bytes }],
  });
  return digest;
}

const jobs: CompareJob[] = [];
/** Blobs of the last outcome, by digest. */
let stored = new Map<string, string>();
const inProcess: ComparePool = {
  compare: async (job) => {
    jobs.push(job);
    return { kind: "compared", result: await compareInWorker(job) };
  },
  close: () => Promise.resolve(),
};

async function compare(
  a: Files | Buffer,
  b?: Files | Buffer,
  pool = inProcess,
  changes: object = {},
): Promise<Comparison> {
  const bus = memoryBus();
  const put = async (side: Files | Buffer) =>
    await store(bus, Buffer.isBuffer(side) ? side : await diffOf(side));
  const sides = { a: await put(a), ...(b === undefined ? {} : { b: await put(b) }) };
  const effect = { type: "compare", base, ...sides, ...changes };
  const { messages, blobs = [] } = await comparePatch(
    { bus, mirrors: () => Promise.resolve(mirror), pool, thresholdRatio: 0.03 },
    deliveryOf(effect),
  );
  stored = new Map(blobs.map(({ digest, bytes }) => [digest, Buffer.from(bytes).toString()]));
  // What the patch cannot take would leave it waiting: the answer is read as the controller reads it.
  const command = patchCommandSchema.parse(messages?.[0]?.message.body);
  if (command.type !== "record-comparison") throw new Error(command.type);
  return command.comparison as Comparison;
}

function deliveryOf(effect: { type: string; base?: string }): Delivery {
  const core = { v: 1 as const, id: "m1.0", subject: patch.id, correlationId: patch.id, at: 1 };
  const message = { ...core, type: effect.type, body: { patch, effect } };
  return {
    inbox: "diff-engine",
    partition: 3,
    entryId: "1-0",
    consumer: "c",
    deliveryCount: 1,
    message,
  };
}

/** A comparison that must have come to a candidate. */
async function compared(...input: Parameters<typeof compare>) {
  const comparison = await compare(...input);
  if (comparison.kind === "refused") throw new Error(comparison.reason);
  return comparison;
}

describe("the report", () => {
  test("is stored beside the answer under its digest, with marked lines of both comparisons", async () => {
    const a = { "src/sum.js": sum("a + b") };
    const { report } = await compared(a, { "src/sum.js": sum("a * b") });
    const text = stored.get(report ?? "") ?? "";
    expect(sha256Hex(Buffer.from(text))).toBe(report);
    const { schema, change, patch, renders } = JSON.parse(text) as ComparisonReport;
    expect(schema).toBe("council.comparison/1");
    expect(change.symbols).toMatchObject([{ name: "sum", change: "changed", effect: "patch" }]);
    for (const [shown, before, after] of [
      [patch, "a - b", "a + b"],
      [renders, "a + b", "a * b"],
    ] as const) {
      const [file] = shown?.files ?? [];
      const row = file?.sides?.rows.find((one) => one.kind === "lines" && one.a?.line === 2);
      const [left, right] = row?.kind === "lines" ? [row.a, row.b] : [];
      expect(left?.segments.map((segment) => segment.text).join("")).toContain(before);
      expect(right?.segments.map((segment) => segment.text).join("")).toContain(after);
      expect(right?.segments.some(({ mark }) => mark !== undefined)).toBe(true);
    }
  });

  test("leaves lines out of a large patch, and says of how many files", async () => {
    const line = (at: number, value: number) => `export const n${at}_${value} = f(${value});\n`;
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `new/${at}.js`,
        Array.from({ length: 400 }, (__, value) => line(at, value)).join(""),
      ]),
    );
    const { report } = await compared(many);
    const text = stored.get(report ?? "") ?? "";
    const { patch } = JSON.parse(text) as ComparisonReport;
    expect(patch.files).toHaveLength(40);
    expect(patch.withoutSides).toBeGreaterThan(0);
    expect(text.length).toBeLessThan(1_000_000);
  });
});

describe("the candidate", () => {
  test("P2: is what git makes of base and diff", async () => {
    const diff = await diffOf({ "src/sum.js": sum("a + b"), "src/gone.js": null });
    const { candidate } = await compared(diff);
    expect(candidate).toMatchObject({
      base,
      diff: sha256Hex(diff),
      paths: ["src/gone.js", "src/sum.js"],
    });
    expect(candidate.digest).toBe(candidateDigest(candidate));
    expect(candidate.tree).toMatch(/^[0-9a-f]{40}$/);
  });

  test("only touched files are read, each side as it is there", async () => {
    jobs.length = 0;
    await compare(
      { "src/sum.js": sum("a + b"), "src/gone.js": null },
      { "src/sum.js": sum("b + a"), "new.js": "x();\n" },
    );
    expect(jobs[0]?.files).toEqual([
      { path: "new.js", base: undefined, a: undefined, b: "x();\n" },
      {
        path: "src/gone.js",
        base: "export const gone = 1;\n",
        a: undefined,
        b: "export const gone = 1;\n",
      },
      { path: "src/sum.js", base: sum("a - b"), a: sum("a + b"), b: sum("b + a") },
    ]);
  });

  test("P3: what cannot be read counts as destructive, never as unchanged", async () => {
    for (const files of [
      { "latin.txt": Buffer.from([0xe4, 0xf6, 10]) },
      { "large.js": `// 1\n${large}` },
    ])
      expect((await compared(files)).candidate.tier).toBe("destructive");
  });

  test("a file that becomes a program is more than documentation, and no reformatting", async () => {
    const before = "echo hi\n";
    const { candidate } = await compared({ "run.sh": { content: before, mode: "100755" } });
    expect(candidate.tier).not.toBe("docs");
    expect(candidate.riskTags).toContain("executable");
    expect(candidate.semanticDigest).toBe(candidate.digest);
  });

  test("of very many files is still one answer", async () => {
    const files = (value: string) =>
      Object.fromEntries(
        Array.from({ length: 120 }, (_, at) => [`many/${at}.js`, `export const n = ${value};\n`]),
      );
    const { candidate, variance, critical } = await compared(files("-1"), files("-2"));
    expect(candidate.paths).toHaveLength(120);
    expect(variance.kind).toBe("measured");
    expect(critical.length).toBeLessThanOrEqual(100);
  });
});

describe("the variance", () => {
  test("is none between equal renders and some between different ones", async () => {
    const one = { "src/sum.js": sum("a + b") };
    expect(await compared(one, one)).toMatchObject({
      variance: { kind: "measured", low: 0, high: 0 },
      critical: [],
    });
    const { variance, critical } = await compared(one, { "src/sum.js": sum("a * b") });
    expect(variance.kind === "measured" && variance.high).toBeGreaterThan(0);
    expect(critical).toEqual(["operator at src/sum.js:2"]);
  });

  test.each<[string, Files | Buffer | undefined, RegExp]>([
    ["there is one render only", undefined, /only one render/],
    ["render B does not apply", Buffer.from("nonsense"), /^render B does not apply: /],
    [
      "a file is in another encoding",
      { "latin.txt": Buffer.from([0xe4, 0xf6, 10]) },
      /^not-text: latin.txt$/,
    ],
    ["a file is too large", { "large.js": `// 1\n${large}` }, /^not-text: large.js$/],
  ])("P3: is unknown when %s", async (_, b, reason) => {
    const { variance, critical } = await compared({ "src/sum.js": sum("a + b") }, b);
    expect(variance).toEqual({ kind: "unknown", reason: expect.stringMatching(reason) as string });
    expect(critical).toEqual([]);
  });

  test("P3: two large files that differ are not the same because neither was read", async () => {
    const { variance } = await compared(
      { "large.js": `// 1\n${large}` },
      { "large.js": `// 2\n${large}` },
    );
    expect(variance.kind).toBe("unknown");
  });

  test("renders that differ in a mode alone differ critically", async () => {
    const plain = { "src/sum.js": sum("a + b") };
    const program = { ...plain, "run.sh": { content: "echo hi\n", mode: "100755" } };
    expect((await compared(plain, program)).critical).toEqual(["file mode at run.sh"]);
    expect((await compared(program, program)).critical).toEqual([]);
  });

  test("P3: a comparison that gave up is unknown, with a reason the patch can take", async () => {
    const pool: ComparePool = {
      compare: () =>
        Promise.resolve({ kind: "gave-up", reason: `comparison crashed: ${"x".repeat(9000)}` }),
      close: () => Promise.resolve(),
    };
    const { variance, candidate } = await compared(
      { "src/sum.js": sum("a + b") },
      { "src/sum.js": sum("b + a") },
      pool,
    );
    expect(variance).toMatchObject({
      kind: "unknown",
      reason: expect.stringMatching(/^comparison crashed: x+$/) as string,
    });
    expect(candidate).toMatchObject({ tier: "destructive", riskTags: ["unreadable"] });
  });

  test("very long paths in a critical difference are shortened, not fatal", async () => {
    const path = `${"long-name-of-a-folder/".repeat(40)}a.js`;
    const { critical } = await compared({ [path]: sum("a + b") }, { [path]: sum("a * b") });
    expect(critical.length).toBeGreaterThan(0);
    expect(critical.every((line) => line.length <= 500)).toBe(true);
  });
});

describe("what is refused", () => {
  test("a diff that does not apply, or on a base that is not there", async () => {
    const diff = await diffOf({ "src/sum.js": sum("a + b") });
    const broken = Buffer.from(diff.toString().replace("a - b", "a / b"));
    expect(await compare(broken)).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/^does-not-apply/) as string,
    });
    expect(await compare(diff, undefined, inProcess, { base: "e".repeat(40) })).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/^unknown-base/) as string,
    });
  });

  test("P2: a stored diff that does not have its digest", async () => {
    const bus = memoryBus();
    const diff = await diffOf({ "src/sum.js": sum("a + b") });
    const a = sha256Hex(diff);
    bus.readBlob = () => Promise.resolve(Buffer.from(diff.toString().replace("a + b", "a * b")));
    const deps = {
      bus,
      mirrors: () => Promise.resolve(mirror),
      pool: inProcess,
      thresholdRatio: 0.03,
    };
    const { messages } = await comparePatch(
      deps,
      deliveryOf({ type: "compare", base, a } as { type: string }),
    );
    expect(messages?.[0]?.message.body).toMatchObject({
      comparison: { kind: "refused", reason: expect.stringContaining("digest") as string },
    });
  });

  test("a diff that is not stored, an unreachable repository, another message: tried again", async () => {
    const away = { ...mirror, remoteUrl: "file:///nowhere/at/all.git" };
    const deps = {
      bus: memoryBus(),
      mirrors: () => Promise.resolve(mirror),
      pool: inProcess,
      thresholdRatio: 0.03,
    };
    const delivery = deliveryOf({ type: "compare", base, a: "a".repeat(64) } as { type: string });
    await expect(comparePatch(deps, delivery)).rejects.toThrow("not stored");
    // A base that is here is not asked for.
    const unknown = deliveryOf({ type: "compare", base: "b".repeat(40), a: "a".repeat(64) } as {
      type: string;
    });
    await expect(
      comparePatch({ ...deps, mirrors: () => Promise.resolve(away) }, unknown),
    ).rejects.toThrow("unreachable");
    await expect(comparePatch(deps, deliveryOf({ type: "land" }))).rejects.toThrow(
      "not a comparison",
    );
  });
});
