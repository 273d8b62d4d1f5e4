import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "./canonical.ts";
import { chainEntry, genesisDigest, verifyChain } from "./hash-chain.ts";

interface Fact {
  readonly at: number;
  readonly event: string;
}
type Link = Fact & { readonly prev: string; readonly digest: string };

function chainOf(facts: readonly Fact[]): Link[] {
  const links: Link[] = [];
  for (const entry of facts) links.push(chainEntry({ prev: links.at(-1)?.digest ?? null, entry }));
  return links;
}

const facts = Array.from({ length: 6 }, (_, at) => ({ at, event: `event-${at}` }));

describe("hash chain", () => {
  test("the first entry points to 64 zeros, each other to the one before", () => {
    const chain = chainOf(facts);
    expect(genesisDigest).toBe("0".repeat(64));
    expect(chain[0]?.prev).toBe(genesisDigest);
    expect(chain[3]?.prev).toBe(chain[2]?.digest);
    expect(verifyChain(chain)).toEqual({ kind: "intact", count: 6, head: chain[5]?.digest });
  });

  test("the digest covers the canonical entry with prev and without digest", () => {
    const [first] = chainOf(facts);
    expect(first?.digest).toBe(digestOf({ event: "event-0", at: 0, prev: genesisDigest }));
  });

  test("an entry cannot bring its own prev or digest", () => {
    const entry = { at: 1, event: "x", prev: "mine", digest: "mine" };
    const linked = chainEntry({ prev: null, entry });
    expect(linked.prev).toBe(genesisDigest);
    expect(verifyChain([linked]).kind).toBe("intact");
  });

  test("the empty chain is intact", () => {
    expect(verifyChain([])).toEqual({ kind: "intact", count: 0, head: genesisDigest });
  });

  test("a page out of the middle verifies against the digest before it", () => {
    const chain = chainOf(facts);
    expect(verifyChain(chain.slice(3), chain[2]?.digest)).toMatchObject({
      kind: "intact",
      count: 3,
    });
    expect(verifyChain(chain.slice(3))).toEqual({
      kind: "broken",
      index: 0,
      reason: "prev-differs",
    });
  });

  test("a cut tail shows in the head only", () => {
    const chain = chainOf(facts);
    const cut = verifyChain(chain.slice(0, 4));
    expect(cut).toMatchObject({ kind: "intact", count: 4 });
    expect(cut).not.toMatchObject({ head: chain[5]?.digest });
  });

  test.each([
    ["null", null],
    ["text", "entry"],
    ["array", []],
    ["no digest", { prev: genesisDigest }],
    ["no prev", { digest: genesisDigest }],
    ["no canonical form", { prev: genesisDigest, digest: genesisDigest, note: "\ud800" }],
  ])("malformed: %s", (_name, entry) => {
    const [first] = chainOf(facts);
    expect(verifyChain([first, entry])).toEqual({
      kind: "broken",
      index: 1,
      reason: "malformed-entry",
    });
  });

  const anyChain = fc
    .array(fc.record({ at: fc.nat(), event: fc.string({ unit: "grapheme" }) }), {
      minLength: 2,
      maxLength: 12,
    })
    .map(chainOf);
  const chainAndIndex = anyChain.chain((chain) =>
    fc.tuple(fc.constant(chain), fc.nat(chain.length - 1)),
  );

  test("property: a changed field names the very entry", () => {
    fc.assert(
      fc.property(
        chainAndIndex,
        fc.constantFrom("at", "event", "prev", "digest"),
        ([chain, index], field) => {
          const tampered: unknown[] = chain.map((link, at) => {
            if (at !== index) return link;
            const value = link[field as keyof Link];
            return { ...link, [field]: typeof value === "number" ? value + 1 : `${value}0` };
          });
          expect(verifyChain(tampered)).toEqual({
            kind: "broken",
            index,
            reason: "digest-differs",
          });
        },
      ),
    );
  });

  test("property: an entry rewritten with a fresh digest breaks at its successor", () => {
    fc.assert(
      fc.property(anyChain, fc.nat(), (chain, pick) => {
        const index = pick % (chain.length - 1);
        const forged = chain.map((link, at) =>
          at === index
            ? chainEntry({ prev: link.prev, entry: { ...link, at: link.at + 1 } })
            : link,
        );
        expect(verifyChain(forged)).toEqual({
          kind: "broken",
          index: index + 1,
          reason: "prev-differs",
        });
      }),
    );
  });

  test("property: a dropped, doubled or swapped entry breaks where it happened", () => {
    fc.assert(
      fc.property(anyChain, fc.nat(), (chain, pick) => {
        const index = pick % (chain.length - 1);
        const place = (entries: readonly Link[]): unknown => {
          const outcome = verifyChain(entries);
          return outcome.kind === "broken" ? [outcome.index, outcome.reason] : outcome.kind;
        };
        expect(place(chain.toSpliced(index, 1))).toEqual([index, "prev-differs"]);
        expect(place(chain.toSpliced(index, 0, chain[index]!))).toEqual([
          index + 1,
          "prev-differs",
        ]);
        const swapped = chain.with(index, chain[index + 1]!).with(index + 1, chain[index]!);
        expect(place(swapped)).toEqual([index, "prev-differs"]);
      }),
    );
  });

  test("property: any flipped bit of the serialised ledger is found", () => {
    const chain = chainOf(facts);
    const lines = chain.map((link) => JSON.stringify(link));
    const bytes = Buffer.from(lines.join("\n"));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(6), (at, bit) => {
        if (bytes[at] === 0x0a) return;
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << bit;
        if (flipped[at] === 0x0a) return;
        const entries = flipped.toString("utf8").split("\n").map(parsed);
        const index = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
        expect(verifyChain(entries)).toMatchObject({ kind: "broken", index });
      }),
      { numRuns: 2000 },
    );
  });
});

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
