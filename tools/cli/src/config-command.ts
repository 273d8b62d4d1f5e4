/** `council config`: what the settings of this folder are, where each comes from, and what is wrong. */
import type { Command } from "commander";
import type { ExplainedSetting, SettingFault } from "@council/runtime";
import { CommandError } from "./exit-codes.ts";
import { withExamples } from "./gateway-command.ts";
import { printable, say, sayJson, styled, tableText, toned } from "./terminal.ts";

interface Given {
  readonly json?: boolean;
  readonly all?: boolean;
}

export function fillConfigCommand(command: Command): void {
  command
    .command("explain")
    .description("every setting with its value and source; or all there is to say of one")
    .argument("[name]", "its name or its variable")
    .option("--all", "also settings that nothing has set")
    .option("--json", "the settings as JSON")
    .action(explain);
  command
    .command("check")
    .description("every fault of the settings in this folder at once")
    .option("--json", "the faults as JSON")
    .action(check);
  withExamples(command, "config explain", "config explain dataDir", "config check");
}

async function explain(name: string | undefined, { all, json }: Given): Promise<void> {
  const { explainFolder } = await import("./installation/explain-folder.ts");
  const { settings, faults } = await explainFolder(process.cwd());
  if (name !== undefined) {
    const setting = await find(settings, name);
    if (json) return sayJson(setting);
    return say(settingText(setting));
  }
  const shown = settings.filter((each) => all || !["unset", "default"].includes(each.source));
  if (json) return sayJson(shown);
  const rows = shown.map(({ env, raw, source, unit }) => [env, source, `${raw} ${unit}`.trim()]);
  const columns = [{ title: "VARIABLE" }, { title: "SOURCE" }, { title: "VALUE", isRest: true }];
  say(rows.length === 0 ? "nothing is set in this folder" : tableText(columns, rows));
  for (const fault of faults) say(toned("bad", faultText(fault)));
  if (!all) say(styled("dim", "what is left at its default: council config explain --all"));
}

async function check({ json }: Given): Promise<void> {
  const { explainFolder } = await import("./installation/explain-folder.ts");
  const { settings, faults } = await explainFolder(process.cwd());
  // Whether what is required is there depends on the process: a head is told who it is when it starts.
  const wrong = [
    ...faults.map(faultText),
    ...settings.flatMap(({ fault, source }) => (fault && source !== "unset" ? [fault] : [])),
  ];
  if (json) sayJson({ faults: wrong });
  if (wrong.length > 0) throw new CommandError("configuration", wrong.join("\n"));
  if (!json) say(`${settings.length} settings, no faults`);
}

async function find(
  settings: readonly ExplainedSetting[],
  name: string,
): Promise<ExplainedSetting> {
  const known = new Map(
    settings.flatMap((each) =>
      [each.name, each.env, ...each.aliases].map((key) => [key, each] as const),
    ),
  );
  const setting = known.get(name);
  if (setting) return setting;
  const { nearestName } = await import("@council/runtime");
  const near = nearestName(name, known.keys());
  const hint = near === undefined ? "see: council config explain --all" : `do you mean ${near}?`;
  throw new CommandError("unknown", `${name} is no setting; ${hint}`);
}

function settingText(setting: ExplainedSetting): string {
  const { name, env, aliases, flag, raw, source, unit, allowed, meaning, isRequired } = setting;
  const lines: readonly (readonly [string, string])[] = [
    ["value", printable(source === "unset" ? "none" : raw)],
    ["source", sources[source]],
    [
      "default",
      setting.default === "" ? (isRequired ? "none; it is required" : "none") : setting.default,
    ],
    ["unit", unit],
    ["allowed", allowed],
    ["variable", [env, ...aliases].join(" or ")],
    ["flag", flag],
    ["fault", setting.fault ?? ""],
  ];
  return [
    `${styled("bold", name)}: ${meaning}`,
    ...lines.filter(([, text]) => text !== "").map(([what, text]) => `  ${what.padEnd(9)} ${text}`),
  ].join("\n");
}

const sources: Readonly<Record<ExplainedSetting["source"], string>> = {
  argv: "the command line",
  env: "the environment",
  dotenv: ".env",
  yaml: "the YAML file",
  toml: "the TOML file",
  default: "the default",
  unset: "not set anywhere",
};

const faultText = ({ env, problem, remedy }: SettingFault) => `${env} ${problem}: ${remedy}`;
