import { waive } from "@council/domain";
import { type Mirror, readFile } from "@council/git";
import type { AuditedChange } from "../audited-change.ts";
import { type Head, judgementOf } from "../head.ts";
import type { RuleInput } from "../rules/rule.ts";
import type { RulesPool } from "../rules/rules-pool.ts";

/**
 * The deterministic rules. Each sees the whole change; together they veto, reject or approve. What is waived
 * is found all the same, and stays in the vote.
 */
export function rulesHead(pool: RulesPool): Head {
  return {
    name: "rules",
    judge: async (change, signal) =>
      judgementOf(waive(await pool.apply(await ruleInputOf(change), signal), change.waivers ?? [])),
  };
}

/** Untouched files a touched one is held against: a manifest's lockfile, a lockfile's manifest. */
const pairs = ["package.json", "package-lock.json"];
const maxNeighbourBytes = 8_000_000;

export async function ruleInputOf({ files, mirror, tree }: AuditedChange): Promise<RuleInput> {
  const touched = new Set(files.map(({ change }) => change.path));
  const wanted = new Set(
    [...touched]
      .filter((path) => pairs.includes(path.slice(path.lastIndexOf("/") + 1)))
      .flatMap((path) => pairs.map((name) => path.slice(0, path.lastIndexOf("/") + 1) + name)),
  );
  const neighbours: Record<string, string> = {};
  for (const path of wanted) {
    if (touched.has(path)) continue;
    const text = await textAt(mirror, tree, path);
    if (text !== undefined) neighbours[path] = text;
  }
  return { files, neighbours };
}

async function textAt(mirror: Mirror, tree: string, path: string): Promise<string | undefined> {
  const read = await readFile(mirror, tree, path, maxNeighbourBytes);
  return read.kind === "blob" ? read.bytes.toString("utf8") : undefined;
}
