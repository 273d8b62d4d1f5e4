/** What is done to which process at which step of a patch's life. */
import type { Stack } from "@council/demo/stack";
import type { PatchEventType } from "@council/domain";
import type { Chance } from "./seeded.ts";

export interface Strike {
  /** A process of the stack, or `redis`. */
  readonly target: string;
  /** Struck soon after the ledger shows an event of this type, or at once when a branch moves. */
  readonly on: Step;
  readonly how: "kill" | "pause";
}

/** `branch-moved`: the repository has it and Redis does not know yet, the narrowest moment there is. */
export type Step = PatchEventType | "branch-moved";

/** Steps every campaign passes through. */
const steps: readonly Step[] = [
  "branch-moved",
  "PatchSubmitted",
  "RenderingStarted",
  "RenderRecorded",
  "ComparisonStarted",
  "ComparisonRecorded",
  "AuditStarted",
  "VoteSealed",
  "VotesUnsealed",
  "VoteRecorded",
  "VerdictReached",
  "LaneRequested",
  "LandingStarted",
  "Landed",
  "BaseMoved",
  "WatchStarted",
  "WatchExtended",
  "Held",
  "StagePassed",
  "RevertStarted",
  "Reverted",
  "Settled",
  "Rejected",
];

/** The narrowest moments several times, then every target at every step once, in an order that follows from the seed. */
export function everyStrike(
  targets: readonly string[],
  how: Strike["how"],
  chance: Chance,
): Strike[] {
  const all = targets.flatMap((target) => steps.map((on): Strike => ({ target, on, how })));
  const narrow = targets
    .filter((target) => target === "patch-controller" || target === "redis")
    .flatMap((target) => Array.from({ length: 4 }, () => target))
    .map((target): Strike => ({ target, on: "branch-moved", how }));
  return [...chance.shuffle(narrow), ...chance.shuffle(all)];
}

export interface Striking {
  readonly take: (step: Step) => void;
  readonly done: () => readonly Strike[];
  readonly left: () => readonly Strike[];
  /** Strikes no more; resolves when what was struck runs again. */
  readonly stop: () => Promise<void>;
}

/** After an event it takes a moment until the next step is under way; each of these hits another part of it. */
const delaysMs = [0, 3, 10, 30, 80, 200] as const;

export function startStriking(input: {
  readonly strikes: readonly Strike[];
  readonly stack: Stack;
  readonly killRedis: () => Promise<void>;
  readonly chance: Chance;
  /** Between two strikes, so that the system is hit at work and not only while it starts. */
  readonly gapMs: number;
  readonly pauseMs: number;
  readonly onStrike: (strike: Strike) => void;
}): Striking {
  const { stack, chance, gapMs } = input;
  const left = [...input.strikes];
  const done: Strike[] = [];
  const underway = new Set<Promise<void>>();
  let isBusy = false;
  let isStopped = false;
  const isUp = (target: string) =>
    target === "redis" || stack.processes().some(({ name, pid }) => name === target && pid);
  const strike = async ({ target, how }: Strike) => {
    if (target === "redis") return await input.killRedis();
    if (how === "kill") return void stack.kill(target, "SIGKILL");
    stack.kill(target, "SIGSTOP");
    await pause(input.pauseMs);
    stack.kill(target, "SIGCONT");
  };
  const run = async (next: Strike) => {
    if (next.on !== "branch-moved") await pause(chance.pick(delaysMs));
    if (isStopped || !isUp(next.target)) return void left.push(next);
    input.onStrike(next);
    done.push(next);
    await strike(next);
    await pause(gapMs);
  };
  return {
    take: (step) => {
      if (isBusy || isStopped) return;
      const at = left.findIndex((strike) => strike.on === step && isUp(strike.target));
      const [next] = at < 0 ? [] : left.splice(at, 1);
      if (next === undefined) return;
      isBusy = true;
      const running = run(next).finally(() => {
        isBusy = false;
        underway.delete(running);
      });
      underway.add(running);
    },
    done: () => done,
    left: () => left,
    stop: async () => {
      isStopped = true;
      await Promise.all(underway);
      await stack.ready();
    },
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
