/** Scripts by which shells complete `council`, written from the program itself: nothing is started at a Tab. */
import type { Command, Option } from "commander";

interface Word {
  readonly name: string;
  readonly about: string;
}

interface OfferedOption extends Word {
  readonly takesValue: boolean;
  /** The only values there are; none where the value is free. */
  readonly choices: readonly string[];
}

interface Place {
  /** The words that lead there: none, `dlq`, `dlq list`. */
  readonly path: readonly string[];
  /** Commands below, and the only values of an argument. */
  readonly words: readonly Word[];
  readonly options: readonly OfferedOption[];
}

/** The script for a shell's own start files. Where no words are known, files are offered. */
export function completionScript(program: Command, shell: "bash" | "zsh" | "fish"): string {
  const places = placesOf(program, []);
  const write = { bash: bashLines, zsh: zshLines, fish: fishLines }[shell];
  return write(places).join("\n");
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const help = command.createHelp();
  const place: Place = {
    path,
    words: [
      ...command.commands.map((each) => ({ name: each.name(), about: each.description() })),
      ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
        argChoices.map((name) => ({ name, about: description })),
      ),
    ],
    options: help
      .visibleOptions(command)
      .flatMap((option) => optionOf(option, help.optionDescription(option))),
  };
  return [place, ...command.commands.flatMap((each) => placesOf(each, [...path, each.name()]))];
}

function optionOf({ long, required, optional, argChoices = [] }: Option, about: string) {
  if (long === undefined || long === null) return [];
  return [{ name: long, about, takesValue: required || optional, choices: argChoices }];
}

const label = (path: readonly string[]) => `"${path.map((word) => ` ${word}`).join("")}"`;
const belowTop = (places: readonly Place[]) =>
  places
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => label(path))
    .join("|");
const namesOf = (words: readonly Word[]) => words.map(({ name }) => name).join(" ");

/** A case for each list of values, and one for all options whose value is free. */
function valueCases(places: readonly Place[], found: (choices: string) => string): string[] {
  const after = places.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ name, choices }) => ({ label: label([...path, name]), choices: choices.join(" ") })),
  );
  return [...Map.groupBy(after, ({ choices }) => choices)].map(
    ([choices, options]) =>
      `    ${options.map((option) => option.label).join("|")}) ${found(choices)} ;;`,
  );
}

/** Paths are told apart by case labels; a word that is no command leaves the path as it is. */
function bashLines(places: readonly Place[]): string[] {
  return [
    "_council() {",
    '  local place= words= at cur="${COMP_WORDS[COMP_CWORD]}"',
    "  for ((at = 1; at < COMP_CWORD; at++)); do",
    '    case "$place ${COMP_WORDS[at]}" in',
    `      ${belowTop(places)}) place="$place \${COMP_WORDS[at]}" ;;`,
    "    esac",
    "  done",
    '  case "$place" in',
    ...places.map(
      ({ path, words, options }) =>
        `    ${label(path)}) words="${namesOf([...words, ...options])}" ;;`,
    ),
    "  esac",
    '  case "$place ${COMP_WORDS[COMP_CWORD - 1]}" in',
    ...valueCases(places, (choices) => `words="${choices}"`),
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "}",
    "complete -o default -F _council council",
  ];
}

function zshLines(places: readonly Place[]): string[] {
  const described = (words: readonly Word[]) =>
    words
      .map(({ name, about }) => quoted(`${name}:${about.replaceAll(/[\\:]/g, String.raw`\$&`)}`))
      .join(" ");
  return [
    "_council() {",
    "  local place= word",
    "  local -a known options",
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    '    case "$place $word" in',
    `      ${belowTop(places)}) place="$place $word" ;;`,
    "    esac",
    "  done",
    '  case "$place ${words[CURRENT-1]}" in',
    ...valueCases(places, (choices) =>
      choices === "" ? "_files; return" : `compadd -- ${choices}; return`,
    ),
    "  esac",
    '  case "$place" in',
    ...places.map(
      ({ path, words, options }) =>
        `    ${label(path)}) known=(${described(words)}) options=(${described(options)}) ;;`,
    ),
    "  esac",
    "  [[ $PREFIX == -* ]] && { _describe -o option options; return; }",
    "  (( $#known )) && { _describe command known; return; }",
    "  _files",
    "}",
    "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }",
    "compdef _council council",
  ];
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function fishLines(places: readonly Place[]): string[] {
  const inFish = (text: string) => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  return [
    "function __council_place",
    "  set -l place ''",
    "  for word in (commandline -opc)[2..]",
    `    contains -- "$place $word" ${belowTop(places).replaceAll("|", " ")}; and set place "$place $word"`,
    "  end",
    '  echo -- "$place"',
    "end",
    ...places.flatMap(({ path, words, options }) => {
      const when = `-n ${inFish(`test (__council_place) = ${label(path)}`)}`;
      return [
        ...(words.length > 0 ? [`${when} -f`] : []),
        ...words.map(({ name, about }) => `${when} -a ${name} -d ${inFish(about)}`),
        ...options.map(({ name, about, takesValue, choices }) => {
          const values = choices.length > 0 ? ` -x -a ${inFish(choices.join(" "))}` : " -r";
          const value = takesValue ? values : "";
          return `${when} -l ${name.replace(/^--/, "")}${value} -d ${inFish(about)}`;
        }),
      ].map((line) => `complete -c council ${line}`);
    }),
  ];
}
