/** People in the way of a landing, on real processes: what waits for them, and what never does. */
import { trailers } from "@council/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { council as run } from "./council-command.ts";
import { startWorld, type World } from "./council-world.ts";
import { commitsOf } from "./git-desk.ts";
import { eventsOf, has, isAtRest, story } from "./ledger-book.ts";

const repositories = {
  infra: { autonomy: "auto-safe" },
  busy: {},
  flap: {},
} as const;

let world: World;

beforeAll(async () => {
  world = await startWorld({ repositories });
});

afterAll(async () => {
  const left = await world.stop();
  if (left.length > 0) throw new Error(left.join("\n"));
});

const feature = (name: string) => ({ [`src/${name}.js`]: `export const ${name} = 1;\n` });

async function submitGood(repository: string, files: Record<string, string>): Promise<string> {
  const id = await world.submit(await world.draft(repository, files));
  world.feed.conduct(id, () => "good");
  return id;
}

async function atRest(id: string, ending: string) {
  const entries = await world.book.until(id, "at rest", isAtRest, 120_000);
  if (entries.at(-1)?.event.type !== ending)
    throw new Error(`${id} ended otherwise than ${ending}:\n${story(entries)}`);
  return entries;
}

const council = (...words: readonly string[]) => run(world, ...words);
const stops = async () => (await world.client.read("/v1/stops")).body;

describe("an infrastructure file", () => {
  it("waits for a person, and lands after `council approve` (P2)", async () => {
    const main = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n';
    const id = await submitGood("infra", { "infra/main.tf": main });
    const held = await world.book.until(id, "held", has("Held"));
    expect(eventsOf(held, "Held")).toMatchObject([{ reason: { kind: "autonomy" } }]);
    expect(await world.remote("infra").text("infra/main.tf")).toBeUndefined();
    const approved = await council("approve", id, "the bucket is ours", "--actor", "sue");
    expect(approved).toMatchObject({ code: 0 });
    const entries = await atRest(id, "Settled");
    expect(eventsOf(entries, "Approved")).toMatchObject([
      { actor: "sue", by: "operator", step: "approval", reason: "the bucket is ours" },
    ]);
    expect(await world.remote("infra").text("infra/main.tf")).toBe(main);
  });
});

describe("`council pause` under load", () => {
  it("stops landings, and a rollback still goes through (P4)", async () => {
    const remote = world.remote("busy");
    const first = await submitGood("busy", feature("first"));
    await atRest(first, "Settled");
    const others = await Promise.all(
      ["second", "third", "fourth"].map((name) => submitGood("busy", feature(name))),
    );
    expect(await council("pause", "the shop is being moved")).toMatchObject({ code: 0 });
    await expect
      .poll(stops, { timeout: 20_000 })
      .toMatchObject({ stops: [{ scope: { kind: "global" } }] });
    // What was let through before the pause is watched on; nothing else is pushed.
    const landed = async () =>
      (await commitsOf(remote, "main")).filter(({ trailers: own }) =>
        others.includes(own[trailers.patch] ?? ""),
      );
    expect(await council("rollback", first, "unloved")).toMatchObject({ code: 0 });
    await world.book.until(first, "reverted", has("Reverted"));
    const standing = await landed();
    await world.book.until(others[2]!, "audited", has("VerdictReached"), 120_000);
    expect(await landed()).toEqual(standing);
    expect(await council("resume", "moved")).toMatchObject({ code: 0 });
    for (const id of others) await atRest(id, "Settled");
  });
});

describe("what was built on a patch", () => {
  it("goes before it, though the controller is killed on the way (P1, P4)", async () => {
    const remote = world.remote("busy");
    const first = await submitGood("busy", feature("base"));
    await atRest(first, "Settled");
    const second = await submitGood("busy", { "src/base.js": "export const base = 2;\n" });
    await atRest(second, "Settled");
    const asked = council("rollback", first, "slow", "--with-dependents", "--wait");
    await world.book.until(second, "on its way back", has("RevertStarted"));
    expect(world.stack.kill("patch-controller")).toBe(true);
    expect(await asked).toMatchObject({ code: 0 });
    const reverted = await Promise.all(
      [second, first].map((id) => world.book.until(id, "reverted", has("Reverted"))),
    );
    for (const entries of reverted) expect(eventsOf(entries, "RevertStarted")).toHaveLength(1);
    expect(reverted[0]!.at(-1)!.at).toBeLessThanOrEqual(reverted[1]!.at(-1)!.at);
    expect(await remote.text("src/base.js")).toBeUndefined();
  }, 120_000);
});

describe("what was taken back", () => {
  it("is refused when it comes again, until an operator releases it", async () => {
    const files = feature("unloved");
    const first = await submitGood("flap", files);
    await atRest(first, "Settled");
    expect(await council("rollback", first, "slow")).toMatchObject({ code: 0 });
    await world.book.until(first, "reverted", has("Reverted"));
    const again = await world.submit(await world.draft("flap", files, { title: "Another name" }));
    const refused = await atRest(again, "Rejected");
    expect(eventsOf(refused, "Rejected")[0]?.reason).toContain(`taken back as ${first}`);
    expect(await council("release", first, "it was the network")).toMatchObject({ code: 0 });
    // Those of the other repositories stay refused.
    const isRefused = async () =>
      ((await stops()) as { refused: { patchId: string }[] }).refused.some(
        ({ patchId }) => patchId === first,
      );
    await expect.poll(isRefused, { timeout: 20_000 }).toBe(false);
    const third = await world.submit(await world.draft("flap", files, { title: "Once more" }));
    world.feed.conduct(third, () => "good");
    await atRest(third, "Settled");
  });
});
