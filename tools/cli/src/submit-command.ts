import { randomUUID } from "node:crypto";
import { routes } from "@council/contracts/names";
import { type Command, Option } from "commander";
import { askForJson, gatewayOf } from "./ask-gateway.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

interface Given extends GatewayOptions {
  readonly task?: string;
  readonly range?: string;
  readonly repository?: string;
  readonly base?: string;
  readonly branch?: string;
  readonly title?: string;
  readonly author?: string;
  readonly externalId?: string;
  readonly declare?: readonly string[];
  readonly tier?: string;
  readonly checkout: string;
  readonly sender?: string;
  readonly secretFile?: string;
  readonly delivery?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
}

const about = `
What is submitted: a unified diff from a file or standard input, the difference between two commits
(--range), or a task in words that the builders render (--task). From a pipe:
  $ git diff --full-index --binary main | council submit - --base main --title 'faster search'

The body is signed with the sender's secret: the first line of --secret-file, else what
COUNCIL_WEBHOOK_SECRETS holds for the sender. Secrets are never arguments.`;

/** `council submit`: one patch, signed by its sender. */
export function fillSubmitCommand(command: Command): void {
  withGateway(command)
    .argument("[diff]", "file with a unified diff, or - for standard input")
    .option("--range <a..b>", "the difference between two commits; a alone means a..HEAD")
    .option("--task <file>", "a task in words: its first line is the title; - for standard input")
    .option("--repository <id>", "id of the guarded repository; default: the only one there is")
    .option("--base <commit>", "commit the change is made on; default: of --range, else HEAD")
    .option("--branch <name>", "target branch; default: the repository's")
    .option("--title <text>", "default: of the newest commit, or of the task")
    .option("--author <name>", "default: user.name of git")
    .option("--external-id <id>", "the name another system knows it by; a new revision keeps it")
    .option("--declare <glob...>", "the paths the change may touch; anything else rejects it")
    .addOption(
      new Option("--tier <tier>", "with --declare: the highest risk it claims to have").choices([
        "docs",
        "service",
        "destructive",
        "data",
      ]),
    )
    .option("--checkout <folder>", "the checkout git is asked in", ".")
    .option(
      "--sender <name>",
      "who submits; default: COUNCIL_SENDER, or the only one with a secret",
    )
    .option("--secret-file <file>", "file with the sender's secret, whsec_…")
    .option("--delivery <id>", "repeat a submission safely: the same id is the same patch")
    .option("--wait", "follow the patch until it is at rest; the exit code tells how")
    .addOption(new Option("--timeout <seconds>", "with --wait: longest wait").argParser(Number))
    .addHelpText("after", about)
    .action(submit);
  withExamples(
    command,
    "submit --range main..work --declare 'src/**' --wait",
    "submit --task task.md --repository shop",
  );
}

async function submit(diff: string | undefined, options: Given): Promise<void> {
  const [{ readSubmission }, { readSender, signedHeaders }] = await Promise.all([
    import("./submit/read-submission.ts"),
    import("./submit/sign-delivery.ts"),
  ]);
  const gateway = await gatewayOf(options);
  const sender = await readSender(options);
  const submission = await readSubmission(gateway, { ...options, diff });
  const body = JSON.stringify(submission);
  const headers = signedHeaders(sender, body, options.delivery ?? randomUUID());
  const taken = await askForJson<{ id: string; duplicate: boolean }>(gateway, routes.patches, {
    body,
    headers,
  });
  if (!options.wait) return options.json ? sayJson(taken) : say(taken.id);
  if (options.json) say(JSON.stringify(taken));
  else say(taken.duplicate ? `${taken.id}, which was submitted before` : taken.id);
  const { followPatch } = await import("./follow-patch.ts");
  await followPatch(gateway, taken.id, { json: options.json, timeoutS: options.timeout });
}
