import type { ChangeReport } from "@council/ast-diff";
import { reachLimits } from "@council/contracts";
import type { Reach } from "@council/domain";

/**
 * The names a change touches, from its report; undefined when something could not be read, or when
 * there are more names, or longer ones, than a lane keeps: nobody can then tell what it depends on.
 */
export function reachOf(report: ChangeReport): Reach | undefined {
  if (report.unknown.length > 0) return undefined;
  const { calls, imports } = report.touches;
  const symbols = unique(report.symbols.flatMap(({ name, was }) => [name, ...(was ? [was] : [])]));
  const uses = unique([...calls, ...imports]);
  const { names, length } = reachLimits;
  const isTooMuch = [symbols, uses].some((each) => each.length > names);
  const isTooLong = [...symbols, ...uses].some((name) => name.length > length);
  return isTooMuch || isTooLong ? undefined : { symbols, uses };
}

const unique = (names: readonly string[]) =>
  [...new Set(names)].filter((name) => name !== "").sort();
