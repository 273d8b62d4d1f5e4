/** Scripts by which shells complete `council`, written from the program itself: nothing is started at a Tab. */
import type { Command } from "commander";

interface Place {
  /** The words that lead there: none, `dlq`, `dlq list`. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly { readonly name: string; readonly about: string }[];
}

/** The script for a shell's own start files. Words that are neither commands nor options complete to files. */
export function completionScript(program: Command, shell: "bash" | "zsh" | "fish"): string {
  const places = placesOf(program, []);
  if (shell === "fish") return fishScript(places);
  const lines = bashLines(places);
  return (
    shell === "bash" ? lines : ["autoload -U +X bashcompinit && bashcompinit", ...lines]
  ).join("\n");
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const help = command.createHelp();
  const place: Place = {
    path,
    commands: command.commands.map((each) => ({ name: each.name(), about: each.description() })),
    options: help.visibleOptions(command).flatMap((option) => {
      const about = help.optionDescription(option);
      return option.long ? [{ name: option.long, about }] : [];
    }),
  };
  return [place, ...command.commands.flatMap((each) => placesOf(each, [...path, each.name()]))];
}

/** Paths are told apart by case labels; a word that is no command leaves the path as it is. */
function bashLines(places: readonly Place[]): string[] {
  const label = (path: readonly string[]) => `"${path.map((word) => ` ${word}`).join("")}"`;
  const below = places.filter(({ path }) => path.length > 0);
  const words = ({ commands, options }: Place) =>
    [...commands, ...options].map(({ name }) => name).join(" ");
  return [
    "_council() {",
    '  local path= words= at cur="${COMP_WORDS[COMP_CWORD]}"',
    "  for ((at = 1; at < COMP_CWORD; at++)); do",
    '    case "$path ${COMP_WORDS[at]}" in',
    `      ${below.map(({ path }) => label(path)).join("|")}) path="$path \${COMP_WORDS[at]}" ;;`,
    "    esac",
    "  done",
    '  case "$path" in',
    ...places.map((place) => `    ${label(place.path)}) words="${words(place)}" ;;`),
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "}",
    "complete -o default -F _council council",
  ];
}

function fishScript(places: readonly Place[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  return places
    .flatMap(({ path, commands, options }) => {
      const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
      const when = quoted(seen === "" ? "__fish_use_subcommand" : seen);
      return [
        ...commands.map(({ name, about }) => `-n ${when} -a ${name} -d ${quoted(about)}`),
        ...options.map(
          ({ name, about }) => `-n ${when} -l ${name.replace(/^--/, "")} -d ${quoted(about)}`,
        ),
      ];
    })
    .map((line) => `complete -c council ${line}`)
    .join("\n");
}
