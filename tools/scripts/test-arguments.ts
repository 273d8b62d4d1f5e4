/** The parts of the test run that can be asked for alone. The last ones are folders of `test/`. */
export const groups = [
  "checks",
  "unit",
  "architecture",
  "integration",
  "e2e",
  "chaos",
  "model",
] as const;

export type Group = (typeof groups)[number];

export type TestArguments =
  | {
      readonly kind: "run";
      readonly only?: Group;
      /** Runs every test again, whatever the cache holds. */
      readonly isFresh: boolean;
      /** Words that a test file's path must contain, as vitest takes them. */
      readonly filters: readonly string[];
    }
  | { readonly kind: "help" }
  | { readonly kind: "refused"; readonly reason: string };

export const usage = `Usage: npm test [-- options] [filter…]

  --only <part>   ${groups.join(" | ")}
  --fresh         run every test again, ignoring cached results
  filter          run only the test files whose path contains this
`;

/** Reads the arguments of the test run; refuses what it does not know. */
export function parseTestArguments(args: readonly string[]): TestArguments {
  const filters: string[] = [];
  let only: Group | undefined;
  let isFresh = false;
  const rest = args.flatMap((arg) =>
    arg.startsWith("--only=") ? ["--only", arg.slice(7)] : [arg],
  );
  while (rest.length > 0) {
    const arg = rest.shift() ?? "";
    if (arg === "--help" || arg === "-h") return { kind: "help" };
    if (arg === "--fresh") isFresh = true;
    else if (arg === "--only") {
      const name = rest.shift();
      only = groups.find((group) => group === name);
      if (only === undefined) {
        return {
          kind: "refused",
          reason: `--only takes one of ${groups.join(", ")}, not "${name ?? ""}"`,
        };
      }
    } else if (arg.startsWith("-")) return { kind: "refused", reason: `unknown option ${arg}` };
    else filters.push(arg);
  }
  return { kind: "run", ...(only === undefined ? {} : { only }), isFresh, filters };
}
