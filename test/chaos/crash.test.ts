/** The short version of the campaign; `npm run chaos` runs every strike there is. */
import { describe, expect, it } from "vitest";
import { runCampaign } from "./crash.ts";

const seed = Number(process.env["COUNCIL_CHAOS_SEED"] ?? Math.floor(Date.now() / 1000));
const short = { seed, repositories: 2, atOnce: 2 };

describe(`seed ${seed}`, () => {
  it("kills at any step lose nothing and do nothing twice (P1, P2, P3, P5, P8, P9)", async () => {
    const campaign = await runCampaign({
      ...short,
      how: "kill",
      strikes: 18,
      atLeast: 6,
      durationMs: 25_000,
    });
    expect(campaign).toMatchObject({ faults: [], lost: 0, doubled: 0 });
    expect(campaign.done.length).toBeGreaterThan(5);
    expect(campaign.patches).toBeGreaterThan(10);
  }, 240_000);

  it("processes that sleep and wake up are fenced: what others did stands (P1)", async () => {
    const campaign = await runCampaign({
      ...short,
      how: "pause",
      strikes: 8,
      atLeast: 4,
      durationMs: 15_000,
    });
    expect(campaign).toMatchObject({ faults: [], lost: 0, doubled: 0 });
    expect(campaign.done.length).toBeGreaterThan(2);
  }, 240_000);
});
