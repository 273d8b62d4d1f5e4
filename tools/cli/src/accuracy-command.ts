/** `council accuracy`: how a branch answers its benchmark set, and the score that changes are held to. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchmarkScoreSchema, routes, type StoredBaseline } from "@council/contracts";
import { type BenchmarkScore, binomialInterval, judgeAccuracy, ratioOf } from "@council/domain";
import type { Command } from "commander";
import { actionOf } from "./act-on-patch.ts";
import { askForText, gatewayOf } from "./ask-gateway.ts";
import { CommandError, exitWith } from "./exit-codes.ts";
import {
  type ActOptions,
  type GatewayOptions,
  withActor,
  withExamples,
  withGateway,
} from "./gateway-command.ts";
import { printable, say } from "./terminal.ts";

interface MeasureOptions {
  readonly repositories?: string | undefined;
  readonly branch?: string;
  readonly against?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function fillAccuracyCommand(accuracy: Command): void {
  withExamples(
    accuracy,
    "accuracy measure shop --out score.json",
    "accuracy approve shop score.json 'two questions were ambiguous'",
    "accuracy show shop",
  );
  accuracy
    .command("measure")
    .argument("<repository>", "its id in the list of repositories")
    .description("run the benchmark of a repository on a branch, in the sandbox")
    .option("--repositories <file>", "the list; default: COUNCIL_REPOSITORIES")
    .option("--branch <name>", "what to measure; default: its target branch")
    .option("--against <name>", "another branch to compare it with; exit code 1 if it is worse")
    .option("--out <file>", "write the score, for `accuracy approve`")
    .option("--json", "the score as JSON")
    .action(async (repository: string, options: MeasureOptions) => {
      const repositories = options.repositories ?? process.env["COUNCIL_REPOSITORIES"];
      const { isWorse, text } = await measured(repository, { ...options, repositories });
      if (isWorse) exitWith("no");
      say(text);
    });
  withActor(accuracy.command("approve"))
    .argument("<repository>", "its id")
    .argument("<score>", "a file that `accuracy measure --out` wrote")
    .argument("<reason>", "why; it stands in the ledger")
    .description("hold every later patch to this score")
    .action(async (repository: string, file: string, reason: string, options: ActOptions) => {
      const score = await readScore(file);
      const { body, headers } = actionOf(options, reason);
      const question = { body: { ...body, score }, headers };
      const text = await askForText(await gatewayOf(options), routeOf(repository), question);
      say(options.json ? text : `${repository} is held to ${scoreText(score)}`);
    });
  withGateway(accuracy.command("show"))
    .argument("<repository>", "its id")
    .description("the score that is in force, who approved it, and where it stands in the ledger")
    .action(async (repository: string, options: GatewayOptions) => {
      const text = await askForText(await gatewayOf(options), routeOf(repository));
      say(options.json ? text : baselineText(text));
    });
}

const routeOf = (repository: string) =>
  routes.accuracy.replace(":repository", encodeURIComponent(repository));

/** The score of a branch in words or as JSON, and whether it is worse than `against`. */
export async function measured(
  repository: string,
  options: MeasureOptions,
): Promise<{ readonly isWorse: boolean; readonly text: string }> {
  const dir = await mkdtemp(join(tmpdir(), "council-accuracy-"));
  try {
    const measure = await benchmarkOf(repository, options.repositories, dir);
    const score = await measure(options.branch);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(score)}\n`);
    const said = options.json ? JSON.stringify(score) : scoreText(score);
    if (options.against === undefined) return { isWorse: false, text: said };
    const { kind, why } = judgeAccuracy(score, await measure(options.against), 0);
    return { isWorse: kind !== "kept", text: options.json ? said : why };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Rejects with a CommandError wherever something is missing. */
async function benchmarkOf(id: string, file: string | undefined, dir: string) {
  if (file === undefined) throw unusable("--repositories: name the list of repositories");
  const [runtime, git, providers, guard] = await Promise.all([
    import("@council/runtime"),
    import("@council/git"),
    import("@council/providers"),
    import("@council/auditor/guard"),
  ]);
  const repositories = await runtime.loadRepositories(file);
  const config = repositories.get(id);
  if (!config?.benchmark) throw unusable(`${id}: no benchmark in ${file}; describe one there`);
  const { benchmark, targetBranch } = config;
  const read = await providers.readBenchmarkFile(benchmark.set);
  if (read.kind === "faulty") throw unusable(read.reason);
  const sandbox = await providers.findSandbox();
  const mirror = await git.openMirrors(repositories, dir)(id);
  const { signal } = new AbortController();
  return async (branch = targetBranch): Promise<BenchmarkScore> => {
    const head = await git.resolveBranch(mirror, branch);
    if (head === undefined) throw unusable(`${id}: there is no branch ${branch}`);
    const tree = await git.treeOf(mirror, head);
    const measuring = { mirror, sandbox, config: benchmark, set: read.set, signal };
    const outcome = await guard.measureTree(measuring, tree);
    if (outcome.kind === "inconclusive") throw unusable(`${branch}: ${outcome.reason}`);
    return outcome.score;
  };
}

async function readScore(file: string): Promise<BenchmarkScore> {
  try {
    return benchmarkScoreSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    throw unusable(`${file}: no score; write one with \`council accuracy measure --out\``);
  }
}

const unusable = (reason: string) => new CommandError("usage", reason);

export function scoreText(score: BenchmarkScore): string {
  const { total, wrong, set } = score;
  const { low, high } = binomialInterval(total - wrong.length, total);
  const missed = wrong.length === 0 ? "" : `; wrong: ${wrong.slice(0, 20).join(", ")}`;
  return `${total - wrong.length} of ${total} right (${percent(ratioOf(score))}, 95 %: ${percent(low)} to ${percent(high)}) on the set ${set.slice(0, 12)}${missed}`;
}

function baselineText(text: string): string {
  const { repository, baseline } = JSON.parse(text) as {
    repository: string;
    baseline?: StoredBaseline;
  };
  if (!baseline)
    return `${repository}: no baseline was approved; the base of each patch is measured`;
  const { score, actor, reason, at, sequence, chainHead } = baseline;
  return [
    `${repository}: ${scoreText(score)}`,
    `approved by ${actor} at ${new Date(at).toISOString()}: ${reason}`,
    `baseline ${sequence}, ledger entry ${chainHead}`,
  ]
    .map(printable)
    .join("\n");
}

const percent = (ratio: number) => `${Number((100 * ratio).toPrecision(4))} %`;
