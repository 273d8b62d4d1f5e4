/**
 * How often the rules are wrong about good changes: consecutive patch releases of well-known packages,
 * each taken as a patch of the one before. The first run fetches them with npm into `.council/corpora`; a run
 * goes on where the one before was stopped. Nothing of a package is run.
 */
import { type Head, openRulesPool, rulesHead } from "@council/auditor/guard";
import type { Finding } from "@council/domain";
import { GitError } from "@council/git";
import { type Judged, judgeRelease, titleOf } from "./guard/judge-release.ts";
import { fetchReleases, packages, patchReleases } from "./guard/releases.ts";
import { openVerdictStore } from "./guard/verdict-store.ts";
import { digits, type GroupResult, percentile, type Table } from "./report.ts";

/** What becomes of a release, the worst first. */
const fates = {
  "hard-failed": ({ isHard }) => isHard,
  "rejected by errors alone": ({ severity }) => severity === "error",
  "held for a person by a question alone": ({ severity }) => severity === "question",
} satisfies Record<string, (finding: Finding) => boolean>;
const fatesInOrder = Object.entries(fates);

const fateOf = ({ findings }: Judged) =>
  fatesInOrder.find(([, isMeant]) => findings.some(isMeant))?.[0] ?? "let through";

async function judgeAll(head: Head): Promise<Judged[]> {
  const store = openVerdictStore();
  const judged: Judged[] = [];
  for (const name of packages) {
    const releases = await patchReleases(name);
    await fetchReleases(name, releases, (count, of) =>
      console.log(`${name}: ${count} of ${of} archives fetched`),
    );
    const own: Judged[] = [];
    for (const [at, release] of releases.entries()) {
      const known = store.known.get(titleOf(release));
      const verdict = known ?? (await patiently(() => judgeRelease(head, release)));
      if (!known) store.keep(verdict);
      own.push(verdict);
      const fate = fateOf(verdict);
      if (!known || fate !== "let through")
        console.log(`  ${at + 1}/${releases.length} ${verdict.release}: ${fate}`);
    }
    judged.push(...own);
    const bad = own.filter((each) => /hard|errors/.test(fateOf(each))).length;
    console.log(`${name}: ${own.length} releases, ${bad} rejected`);
  }
  return judged;
}

/** On a machine that others use git may run out of time; what it was asked is asked again. */
async function patiently<T>(judge: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await judge();
    } catch (error) {
      if (tries === 3 || !(error instanceof GitError && error.code === "timeout")) throw error;
    }
  }
}

function fatesTable(judged: readonly Judged[]): Table {
  const share = (count: number) => digits((100 * count) / judged.length);
  const withWarnings = judged.filter(({ findings }) =>
    findings.some(({ severity }) => severity === "warning"),
  ).length;
  const counted = [...fatesInOrder.map(([title]) => title), "let through"].map((title) => {
    const count = judged.filter((each) => fateOf(each) === title).length;
    return [title, String(count), share(count)];
  });
  return {
    title: `guard: the rules on ${judged.length} patch releases of ${packages.length} packages`,
    columns: ["", "releases", "%"],
    rows: [...counted, ["with warnings, whatever else", String(withWarnings), share(withWarnings)]],
    notes: ["Target: at most 2 % of at least 200 hard-failed."],
  };
}

/** By rule: how many releases it spoke of, and how many it alone decided about. */
function rulesTable(judged: readonly Judged[]): Table {
  const voices = new Map<string, { kind: string; releases: number; alone: number }>();
  for (const { findings } of judged) {
    const kinds = new Map(findings.map((each) => [each.ruleId, kindOf(each)]));
    const deciding = [...kinds].filter(([, kind]) => kind !== "warning" && kind !== "info");
    for (const [ruleId, kind] of kinds) {
      const voice = voices.get(ruleId) ?? { kind, releases: 0, alone: 0 };
      const isAlone = deciding.length === 1 && deciding[0]?.[0] === ruleId;
      voices.set(ruleId, {
        kind,
        releases: voice.releases + 1,
        alone: voice.alone + Number(isAlone),
      });
    }
  }
  const order = ["hard", "error", "question", "warning", "info"];
  return {
    title: "guard: by rule",
    columns: ["", "kind", "releases", "decided alone"],
    rows: [...voices]
      .toSorted(
        ([, one], [, other]) =>
          order.indexOf(one.kind) - order.indexOf(other.kind) || other.releases - one.releases,
      )
      .map(([id, { kind, releases, alone }]) => [id, kind, String(releases), String(alone)]),
    notes: [],
  };
}

const kindOf = ({ isHard, severity }: Finding) => (isHard ? "hard" : severity);

function printPlaces(judged: readonly Judged[]): void {
  for (const { release, findings } of judged)
    for (const each of findings.filter(({ isHard, severity }) => isHard || severity === "error"))
      console.log(
        `  ${kindOf(each)}: ${release}: ${each.ruleId} at ${each.path ?? ""}:${each.line ?? ""} ` +
          `(${each.message.slice(0, 120)})`,
      );
}

function timesTable(judged: readonly Judged[]): Table {
  const times = judged.map(({ cpuMs }) => cpuMs);
  return {
    title: "guard: processor time of the rules per patch, ms",
    columns: ["", "p50", "p95", "most"],
    rows: [["read and judge", ...[0.5, 0.95, 1].map((ratio) => digits(percentile(times, ratio)))]],
    notes: ["In one thread; git runs beside it and is not counted."],
  };
}

export async function benchGuard(): Promise<GroupResult> {
  const pool = openRulesPool({ workers: 1, timeoutMs: 60_000 });
  const judged = await judgeAll(rulesHead(pool));
  await pool.close();
  printPlaces(judged);
  const tables = [fatesTable(judged), rulesTable(judged), timesTable(judged)];
  return { tables, numbers: judged };
}
