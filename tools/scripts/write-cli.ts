/**
 * Writes the commands of docs/cli.md from the program itself, so that the page cannot say anything else
 * than `council --help`: `node tools/scripts/write-cli.ts`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The part of a commander command that is read; the package is the command line's own. */
interface ReadCommand {
  readonly commands: readonly ReadCommand[];
  name(): string;
  description(): string;
  usage(): string;
  createHelp(): {
    visibleOptions(command: ReadCommand): readonly { flags: string }[];
    visibleArguments(command: ReadCommand): readonly { name(): string; description: string }[];
    optionDescription(option: { flags: string }): string;
    visibleCommands(command: ReadCommand): readonly ReadCommand[];
  };
  helpGroup(): string;
  helpInformation(): string;
}

type ExitCodes = Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

export const cliPage = fileURLToPath(new URL("../../docs/cli.md", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const begin = "<!-- commands: written by tools/scripts/write-cli.ts -->";
const end = "<!-- commands: end -->";

/** The page with its tables as the program has them now. Throws when the page has lost its marks. */
export async function withCommands(page: string): Promise<string> {
  const [before, rest] = page.split(`${begin}\n`);
  const after = rest?.split(`${end}\n`)[1];
  if (before === undefined || after === undefined) throw new Error("the page has lost its marks");
  return [before, begin, "\n\n", await commandsText(), "\n", end, "\n", after].join("");
}

async function commandsText(): Promise<string> {
  const { buildProgram } = await load<{
    buildProgram: (isNeeded: () => boolean) => Promise<ReadCommand>;
  }>("program");
  const { exitCodes } = await load<{ exitCodes: ExitCodes }>("exit-codes");
  const program = await buildProgram(() => true);
  const groups = Map.groupBy(program.commands, (command) => command.helpGroup());
  const parts = [...groups].flatMap(([group, commands]) => [
    `## ${group.replace(":", "")}`,
    ...commands.flatMap((command) => commandParts(command, "")),
  ]);
  const rows = Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]);
  return `## Exit codes\n\n${table(["Code", "Meaning"], rows)}\n${parts.join("\n\n")}\n`;
}

/** One command and those below it. */
function commandParts(command: ReadCommand, parent: string): string[] {
  const name = `${parent}${command.name()}`;
  const help = command.createHelp();
  const rows = [
    ...help.visibleArguments(command).map((each) => [code(each.name()), each.description]),
    ...help
      .visibleOptions(command)
      .filter(({ flags }) => !flags.includes("--help"))
      .map((option) => [code(option.flags), help.optionDescription(option)]),
  ];
  const below = command.commands.flatMap((each) => commandParts(each, `${name} `));
  const words = below.length > 0 && rows.length <= 1 ? "" : ` ${command.usage()}`;
  const sentence = command.description();
  return [
    `### \`council ${name}\``,
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
    ...(words === ""
      ? []
      : [`Usage: \`council ${name}${words.replace("[options] ", "").trimEnd()}\``]),
    ...(rows.length > 0 ? [table(["Argument or option", "Meaning"], rows).trimEnd()] : []),
    ...below,
  ];
}

/** In the form the formatter leaves alone: every column as wide as its widest cell. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, ...rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))];
  const widths = titles.map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[], fill = " ") =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0, fill)).join(" | ")} |\n`;
  const [head = [], ...body] = cells;
  return [
    line(head),
    line(
      titles.map(() => "-"),
      "-",
    ),
    ...body.map((row) => line(row)),
  ].join("");
}

const code = (text: string) => `\`${text}\``;

// By path: the command line is a program and exports nothing.
async function load<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, `tools/cli/src/${name}.ts`)).href)) as Module;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(cliPage, await withCommands(await readFile(cliPage, "utf8")));
}
