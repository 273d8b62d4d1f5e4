import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery, Outcome } from "@council/bus";
import { patchCommandSchema } from "@council/contracts";
import { sha256Hex } from "@council/evidence";
import { applyDiff, type Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { recordedProvider, type RenderProvider, type RenderTask } from "@council/providers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { renderTask } from "./render-task.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const patchId = "p03-abcdefgh";
const task = { title: "Add a greeting", instructions: "Say hello." };
const { signal } = new AbortController();
let remote: TestRemote;
let mirror: Mirror;
let base: string;
beforeAll(async () => {
  remote = await testRemote({
    "a.txt": "one\n",
    "gone.txt": "bye\n",
    "latin.txt": Buffer.from([0xe4, 10]),
  });
  mirror = await remote.mirror();
  base = (await remote.head()) ?? "";
});
afterAll(() => remote.remove());

/** A provider that does this to the tree and says that it has rendered. */
function providerOf(edit: (task: RenderTask) => Promise<void>): RenderProvider {
  return {
    name: "test",
    family: "tests",
    render: async (given) => {
      await edit(given);
      const explanation = { summary: "it says hello", intent: "to greet" };
      return { kind: "rendered", explanation, provider: "test", durationMs: 1, costMicroUsd: 0 };
    },
  };
}

function deliveryOf(effect: object, patch: object = {}): Delivery {
  const brief = {
    id: patchId,
    repository: "shop",
    targetBranch: "main",
    title: "t",
    author: "a",
    ...patch,
  };
  const core = { v: 1 as const, subject: patchId, correlationId: patchId, at: 1_800_000_000_000 };
  const message = { ...core, id: "m1.0", type: "render", body: { patch: brief, effect } };
  return {
    inbox: "builder:b",
    partition: 3,
    entryId: "1-0",
    consumer: "c",
    deliveryCount: 1,
    message,
  };
}
const effectOf = (changes: object = {}) => ({ type: "render", slot: "b", base, task, ...changes });

async function render(
  provider: RenderProvider,
  delivery = deliveryOf(effectOf()),
): Promise<Outcome> {
  const mirrors = () => Promise.resolve(mirror);
  return await renderTask({ slot: "b", provider, mirrors, timeoutMs: 5000 }, delivery, signal);
}
const answered = ({ messages }: Outcome) => patchCommandSchema.parse(messages?.[0]?.message.body);
const folders = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("council-render-"));

describe("a render", () => {
  test("becomes the diff that makes its tree, stored in the commit that answers", async () => {
    const outcome = await render(
      providerOf(async ({ baseTreeDir }) => {
        await writeFile(join(baseTreeDir, "a.txt"), "one\nhello\n");
        await rm(join(baseTreeDir, "gone.txt"));
        await mkdir(join(baseTreeDir, "node_modules"));
        await writeFile(join(baseTreeDir, "node_modules", "x"), "x");
      }),
    );
    const [blob] = outcome.blobs ?? [];
    expect(blob?.digest).toBe(sha256Hex(blob?.bytes ?? new Uint8Array()));
    expect(answered(outcome)).toEqual({
      type: "record-render",
      slot: "b",
      render: {
        slot: "b",
        diff: blob?.digest,
        provider: "test",
        family: "tests",
        explanation: "it says hello",
      },
    });
    const applied = await applyDiff(mirror, { base, diff: blob?.bytes ?? "" });
    expect(
      applied.kind === "applied" && applied.changes.map(({ path, status }) => [path, status]),
    ).toEqual([
      ["a.txt", "modified"],
      ["gone.txt", "deleted"],
    ]);
  });

  test("P1: done twice is the same render with the same message id", async () => {
    const provider = providerOf(({ baseTreeDir }) => writeFile(join(baseTreeDir, "new"), "x\n"));
    const first = await render(provider);
    expect(await render(provider)).toEqual(first);
    expect(first.messages?.[0]?.message.id).toBe("m1.0.r");
  });

  test("the provider is given the task, its own folder and the declared paths, nothing else", async () => {
    const seen: RenderTask[] = [];
    const provider = providerOf(async (given) => {
      seen.push(given);
      expect((await readdir(given.baseTreeDir)).sort()).toEqual(["a.txt", "gone.txt", "latin.txt"]);
    });
    const sheet = { paths: ["src/**"] };
    await render(provider, deliveryOf(effectOf(), { sheet }));
    expect(seen[0]).toMatchObject({ ...task, timeoutMs: 5000, sheet });
  });

  test("by a recording is the recording", async () => {
    const provider = recordedProvider({
      name: "recorded",
      dir: join(tmpdir(), "council-no-recordings"),
    });
    expect(answered(await render(provider))).toMatchObject({
      type: "fail-render",
      reason: expect.stringMatching(/^recording-missing/) as string,
    });
  });
});

describe("what cannot be rendered is a failed render, never a failed message", () => {
  const write = (name: string, content: string | Uint8Array) =>
    providerOf(({ baseTreeDir }) => writeFile(join(baseTreeDir, name), content));
  test.each<[string, RenderProvider, RegExp]>([
    ["nothing changed", providerOf(() => Promise.resolve()), /^no-change/],
    [
      "a binary file",
      write("new.bin", Buffer.from([0, 1, 2, 0])),
      /^(binary|not-text|preamble|malformed)/,
    ],
    [
      "text in another encoding",
      write("latin.txt", Buffer.from([0xe4, 0xf6, 10])),
      /^(not-text|does-not-apply|encoding)/,
    ],
    ["more than a patch may hold", write("big.txt", "0123456789\n".repeat(300_000)), /^too-/],
    [
      "the provider's own word, however long",
      {
        name: "p",
        family: "f",
        render: () => Promise.resolve({ kind: "failed", code: "exit", reason: "x".repeat(9000) }),
      },
      /^exit: x{3994}$/,
    ],
  ])("%s", async (_, provider, reason) => {
    const outcome = await render(provider);
    expect(answered(outcome)).toEqual({
      type: "fail-render",
      slot: "b",
      reason: expect.stringMatching(reason) as string,
    });
    expect(outcome.blobs).toBeUndefined();
  });

  test("a provider that may not spend says who may not, and until when", async () => {
    const suspension = { head: "builder-b", cap: "day", reason: "used up", resetAt: 5000 };
    const failure = { kind: "failed", code: "over-budget", reason: "used up" } as const;
    const provider: RenderProvider = {
      name: "test",
      family: "tests",
      render: () => Promise.resolve({ ...failure, suspension }),
    };
    expect(answered(await render(provider))).toEqual({
      type: "fail-render",
      slot: "b",
      reason: "over-budget: used up",
      suspension,
    });
  });

  test("a base that the repository does not have, or that is no id", async () => {
    for (const unknown of ["e".repeat(40), "--upload-pack=evil", "main"]) {
      const outcome = await render(
        providerOf(() => Promise.resolve()),
        deliveryOf(effectOf({ base: unknown })),
      );
      expect(answered(outcome)).toMatchObject({
        type: "fail-render",
        reason: expect.stringMatching(/^unknown-base/) as string,
      });
    }
  });
});

describe("what nothing is known about is tried again", () => {
  test("an unreachable repository, a provider that crashes, another assignment", async () => {
    const away = { ...mirror, remoteUrl: "file:///nowhere/at/all.git" };
    const provider = providerOf(() => Promise.resolve());
    const rendering = {
      slot: "b" as const,
      provider,
      mirrors: () => Promise.resolve(away),
      timeoutMs: 1,
    };
    // Only a base that is not here yet makes anybody ask the repository.
    const elsewhere = deliveryOf(effectOf({ base: "e".repeat(40) }));
    await expect(renderTask(rendering, elsewhere, signal)).rejects.toThrow("unreachable");
    await expect(render(providerOf(() => Promise.reject(new Error("crash"))))).rejects.toThrow(
      "crash",
    );
    await expect(render(provider, deliveryOf({ type: "audit" }))).rejects.toThrow("not a render");
  });
});

test("no folder stays behind, whatever came of the render", async () => {
  const before = await folders();
  await render(providerOf(() => Promise.resolve()));
  await render(providerOf(() => Promise.reject(new Error("crash")))).catch(() => undefined);
  await render(
    providerOf(async ({ baseTreeDir }) => {
      await writeFile(join(baseTreeDir, "a.txt"), "two\n");
      await mkdir(join(baseTreeDir, "node_modules", "b"), { recursive: true });
      await chmod(join(baseTreeDir, "node_modules", "b"), 0);
      await chmod(join(baseTreeDir, "node_modules"), 0);
    }),
  );
  expect(await folders()).toEqual(before);
});
