/** What can be measured alone. Each is a file of `test/bench`. */
export const benchGroups = [
  "cli",
  "console",
  "bus",
  "http",
  "quorum",
  "guard",
  "hostile",
  "rollback",
  "spend",
  "memory",
  "demo",
] as const;

export type BenchGroup = (typeof benchGroups)[number];

export type BenchArguments =
  | { readonly kind: "run"; readonly groups: readonly BenchGroup[]; readonly rounds: number }
  | { readonly kind: "help" }
  | { readonly kind: "refused"; readonly reason: string };

export const benchUsage = `Usage: npm run bench [-- options]

  --only <group>   ${benchGroups.join(" | ")}; may be given again
  --rounds <n>     how often each measurement of cli, console, bus, http and spend is repeated, 1 to 100 (default 3)
`;

/** Reads the arguments of the benchmarks; refuses what it does not know. */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const groups: BenchGroup[] = [];
  let rounds = 3;
  const rest = args.flatMap((arg) => {
    const equals = arg.indexOf("=");
    return arg.startsWith("--") && equals > 0
      ? [arg.slice(0, equals), arg.slice(equals + 1)]
      : [arg];
  });
  while (rest.length > 0) {
    const arg = rest.shift() ?? "";
    if (arg === "--help" || arg === "-h") return { kind: "help" };
    const value = rest.shift() ?? "";
    if (arg === "--only") {
      const group = benchGroups.find((each) => each === value);
      if (group === undefined)
        return refused(`--only takes one of ${benchGroups.join(", ")}, not "${value}"`);
      groups.push(group);
    } else if (arg === "--rounds") {
      rounds = /^\d{1,3}$/.test(value) ? Number(value) : 0;
      if (rounds < 1 || rounds > 100) return refused(`--rounds takes 1 to 100, not "${value}"`);
    } else return refused(`unknown option ${arg}`);
  }
  return { kind: "run", groups: groups.length > 0 ? groups : benchGroups, rounds };
}

function refused(reason: string): BenchArguments {
  return { kind: "refused", reason };
}
