/** What is to be submitted, from files, standard input and git. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Submission } from "@council/contracts";
import { routes } from "@council/contracts/names";
import { askForJson, type Gateway } from "../ask-gateway.ts";
import { CommandError } from "../exit-codes.ts";
import { askGit, commitOf, diffBetween } from "./ask-git.ts";

export interface Wanted {
  readonly diff?: string | undefined;
  readonly range?: string;
  readonly task?: string;
  readonly repository?: string;
  readonly base?: string;
  readonly branch?: string;
  readonly title?: string;
  readonly author?: string;
  readonly externalId?: string;
  readonly declare?: readonly string[];
  readonly tier?: string;
  readonly checkout: string;
}

/** Throws CommandError `usage` that says what is missing. */
export async function readSubmission(gateway: Gateway, wanted: Wanted): Promise<Submission> {
  const { checkout, branch, externalId, declare, tier } = wanted;
  const content = await readContent(wanted);
  const base = content.base ?? (await commitOf(checkout, wanted.base ?? "HEAD"));
  const title =
    wanted.title ?? content.title ?? (await askGit(checkout, "log", "-1", "--format=%s"));
  const author = wanted.author ?? (await askGit(checkout, "config", "--default", "", "user.name"));
  if (author === "")
    throw new CommandError("usage", "git knows no user.name here; set it, or give --author");
  const repository = wanted.repository ?? (await onlyRepository(gateway));
  return {
    repository,
    base,
    title: title.slice(0, 200),
    author,
    ...(content.diff === undefined ? {} : { diff: content.diff }),
    ...(content.task === undefined ? {} : { task: content.task }),
    ...(branch === undefined ? {} : { targetBranch: branch }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(declare === undefined
      ? {}
      : {
          sheet: { paths: [...declare], ...(tier === undefined ? {} : { tier: tier as "docs" }) },
        }),
  };
}

interface Content {
  readonly diff?: string;
  readonly task?: { readonly title: string; readonly instructions: string };
  readonly base?: string;
  readonly title?: string;
}

async function readContent({ diff, range, task, checkout }: Wanted): Promise<Content> {
  const given = [diff, range, task].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw usage("give one of: a file with a diff, --range, --task (see: council submit --help)");
  if (range !== undefined) return diffBetween(checkout, range);
  if (task !== undefined) return taskOf(await readInput(task));
  const content = await readInput(diff ?? "-");
  if (content.trim() === "") throw usage("the diff is empty; is there a change at all?");
  return { diff: content };
}

/** Like a commit message: the first line is the title, what follows says what to do. */
function taskOf(content: string): Content {
  const [first = "", ...rest] = content.trim().split("\n");
  const title = first.replace(/^#+\s*/, "").slice(0, 200);
  if (title === "") throw usage("the task is empty; write a title, an empty line, and what to do");
  const instructions = rest.join("\n").trim();
  return { title, task: { title, instructions: instructions === "" ? title : instructions } };
}

async function readInput(path: string): Promise<string> {
  if (path === "-") return text(process.stdin);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw usage(`${path} cannot be read: ${error instanceof Error ? error.message : ""}`);
  }
}

async function onlyRepository(gateway: Gateway): Promise<string> {
  const { repositories } = await askForJson<{ repositories: readonly { id: string }[] }>(
    gateway,
    routes.settings,
  );
  const [only, ...others] = repositories;
  if (only && others.length === 0) return only.id;
  const ids = repositories.map(({ id }) => id).join(", ");
  throw usage(`more than one repository is guarded; name it with --repository: ${ids}`);
}

const usage = (reason: string) => new CommandError("usage", reason);
