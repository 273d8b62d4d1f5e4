import { describe, expect, test } from "vitest";
import { rampedStages } from "../ramped-stages.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import type { Drain } from "./patch.ts";
import {
  after,
  decided,
  effectIdOf,
  facts,
  landedIn,
  landingFrom,
  observationOf,
  patchOf,
  person,
  pushingFrom,
  watchingFrom,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const splitRule = {
  kind: "share",
  metric: "latency",
  worse: "higher",
  alpha: 0.001,
  minSamples: 100,
  isRequired: true,
} as const;
const ramped = patchOf({ stages: rampedStages });

const effects = (state: PatchState, command: PatchCommand) => decided(state, command).effects;

/** At the given stage of the ramp, watched there; every stage of the canary stands on one commit. */
function watchedAt(stage: number): PatchState {
  let state = watchingFrom(pushingFrom(landingFrom(ramped)));
  for (let index = 1; index <= stage; index += 1) {
    const passed = after(state, [observationOf(state, "healthy", rampedStages[index - 1]!.name)]);
    const pushing = pushingFrom(passed, index + 1);
    const commit = index < 3 ? "c-canary-5" : "c-target";
    state = after(pushing, [landedIn(pushing, { commit, weightPercent: index })]);
  }
  return state;
}

describe("stages with traffic", () => {
  test("the first lands, the next on its branch only moves traffic, the target lands again", () => {
    const first = effects(landingFrom(ramped), { type: "grant-lane", token: 1 })[0];
    expect(first).toMatchObject({ type: "land", weightPercent: 5 });
    expect(first).not.toHaveProperty("standing");
    const watching = watchedAt(0);
    const passed = after(watching, [observationOf(watching, "healthy", "canary-5")]);
    expect(effects(passed, { type: "grant-lane", token: 2 })[0]).toMatchObject({
      type: "land",
      weightPercent: 25,
      standing: { commit: "c-canary-5" },
    });
    const last = watchedAt(2);
    const beyond = after(last, [observationOf(last, "healthy", "canary-50")]);
    const target = effects(beyond, { type: "grant-lane", token: 4 })[0];
    expect(target).toMatchObject({ type: "land", branch: "main", weightPercent: 100 });
    expect(target).not.toHaveProperty("standing");
  });

  test("P3: a split of traffic without a figure is held to the weight of the stage, where there is one", () => {
    const split = { ...splitRule, id: "as-steered" };
    const half = { ...splitRule, id: "always-half", canaryRatio: 0.5 };
    const policy = { stages: rampedStages, rules: [split, half] };
    const shares = rampedStages.map((stage, stageIndex) => {
      const pushing = { ...pushingFrom(landingFrom(patchOf(policy))), stageIndex };
      const landed = landedIn(pushing, { stage: stage.name });
      const [watch] = effects(pushing, landed).filter(({ type }) => type === "watch");
      return watch?.type === "watch"
        ? watch.rules.map((rule) => rule.kind === "share" && [rule.id, rule.canaryRatio])
        : [];
    });
    const always = ["always-half", 0.5];
    expect(shares).toEqual([
      ...[0.05, 0.25, 0.5].map((ratio) => [["as-steered", ratio], always]),
      [always],
    ]);
  });

  test("P1: a breach drains, and reverts each commit once however many stages stood on it", () => {
    const state = watchedAt(3);
    const [revert] = effects(state, observationOf(state, "breach", "target"));
    expect(revert).toMatchObject({
      type: "revert",
      drain: { token: 4 },
      landings: [{ commit: "c-target" }, { commit: "c-canary-5" }],
    });
  });

  test("a settled patch has no traffic to lose, and a policy without weights none at all", () => {
    const last = watchedAt(3);
    const settled = after(last, [observationOf(last, "healthy", "target")]);
    expect(effects(settled, { type: "request-rollback", ...person })[0]).not.toHaveProperty(
      "drain",
    );
    const plain = watchingFrom();
    expect(effects(plain, observationOf(plain, "breach"))[0]).not.toHaveProperty("drain");
  });

  test.each<[Drain, RegExp]>([
    [{ kind: "drained" }, /^reverted: (?!.*traffic)/],
    [{ kind: "failed", reason: "no cluster" }, /traffic was not taken away: no cluster$/],
  ])("P5: what became of the traffic stands in the ledger and in the page: %j", (drain, text) => {
    const watching = watchedAt(1);
    const reverting = after(watching, [observationOf(watching, "breach", "canary-25")]);
    const outcome = { kind: "reverted", reverts: [], drain } as const;
    const command = { type: "record-revert", effectId: effectIdOf(reverting), outcome } as const;
    const decision = decide(reverting, command, facts());
    expect(decision).toMatchObject({ kind: "accepted", events: [{ type: "Reverted", drain }] });
    const page = decision.kind === "accepted" ? decision.effects.at(-1) : undefined;
    expect(page).toMatchObject({ type: "page", text: expect.stringMatching(text) as string });
  });
});
