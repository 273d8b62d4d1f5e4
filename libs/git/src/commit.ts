/**
 * Commits whose id depends on nothing but what is asked for (P1): same tree, parents, message,
 * trailers, identity, date and signing key give the same commit on every try and every machine.
 */
import { GitError } from "./git-error.ts";
import { checkObjectId } from "./git-names.ts";
import { gitLine, gitOutput, type Repository } from "./run-git.ts";
import { signingCall } from "./sign-commit.ts";

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** What a commit says about itself. */
export interface CommitText {
  /** First line is the subject. Whatever it contains, it cannot add a trailer. */
  readonly message: string;
  /** Further trailers; the ones Council sets itself are refused. Written in key order. */
  readonly trailers?: Readonly<Record<string, string>>;
  readonly identity: Identity;
  /** Author and committer date, whole seconds, UTC. */
  readonly at: Date;
}

/** A commit found by one of its trailers. */
export interface TrailerMatch {
  readonly commit: string;
  readonly tree: string;
  /** Parents, mainline first. */
  readonly parents: readonly string[];
  readonly trailers: ReadonlyArray<readonly [key: string, value: string]>;
}

export const EFFECT_TRAILER = "Council-Effect";
export const REVERTS_TRAILER = "Council-Reverts";
export const SYNC_TRAILER = "Council-Sync";
export const TOKEN_TRAILER = "Council-Token";
export const CANCELS_TRAILER = "Council-Cancels";
const OWN_TRAILERS = [
  EFFECT_TRAILER,
  REVERTS_TRAILER,
  SYNC_TRAILER,
  TOKEN_TRAILER,
  CANCELS_TRAILER,
];

const TRAILER = /^([A-Za-z][A-Za-z0-9-]*): (.+)$/;

/** Stores a commit object and returns its id; moves no ref. */
export async function createCommit(
  repo: Repository,
  request: {
    readonly tree: string;
    readonly parents: readonly string[];
    readonly text: CommitText;
    readonly own: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const { tree, parents, text, own } = request;
  const seconds = Math.floor(text.at.getTime() / 1000);
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw new GitError("invalid-argument", "commit date");
  }
  const date = `${seconds} +0000`;
  const name = identityPart(text.identity.name);
  const email = identityPart(text.identity.email);
  const signing = signingCall(repo);
  const args = [
    "commit-tree",
    ...signing.args,
    checkObjectId(tree),
    ...parents.flatMap((each) => ["-p", checkObjectId(each)]),
  ];
  return await gitLine(repo, [...args, "-F", "-"], {
    input: commitMessage(text, own),
    env: {
      ...signing.env,
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date,
    },
  });
}

/** The trailers of a commit message: the matching lines of its last paragraph. */
export function parseTrailers(message: string): Array<[key: string, value: string]> {
  const paragraphs = message.trimEnd().split(/\n[ \t]*\n/);
  if (paragraphs.length < 2) return [];
  const lines = (paragraphs.at(-1) ?? "").split("\n");
  return lines.flatMap((line) => {
    const match = TRAILER.exec(line.trimEnd());
    return match === null ? [] : [[match[1] ?? "", match[2] ?? ""] as [string, string]];
  });
}

/**
 * Commits of `from..to` (all of `to` when `from` is absent) that carry one of the trailers, oldest
 * first. A trailer without a value matches any value.
 */
export async function findTrailers(
  repo: Repository,
  range: { readonly from?: string; readonly to: string },
  wanted: ReadonlyArray<{ readonly key: string; readonly value?: string }>,
): Promise<TrailerMatch[]> {
  const greps = wanted.map(({ key, value }) => `--grep=${key}: ${value ?? ""}`);
  const revisions = [
    checkObjectId(range.to),
    ...(range.from === undefined ? [] : [`^${checkObjectId(range.from)}`]),
  ];
  const out = await gitOutput(repo, [
    "log",
    "-z",
    "--reverse",
    "--topo-order",
    "--fixed-strings",
    "--no-show-signature",
    "--encoding=UTF-8",
    ...greps,
    "--format=%H%n%T%n%P%n%B",
    ...revisions,
    "--",
  ]);
  const records = out
    .toString("utf8")
    .split("\0")
    .filter((record) => record !== "");
  return records.map(readMatch).filter((match) => hasTrailer(match, wanted));
}

function hasTrailer(
  match: TrailerMatch,
  wanted: ReadonlyArray<{ readonly key: string; readonly value?: string }>,
): boolean {
  return match.trailers.some(([key, value]) =>
    wanted.some((each) => each.key === key && (each.value === undefined || each.value === value)),
  );
}

/** Returns the value when it can stand in a trailer on one line; throws otherwise. */
export function trailerValue(value: string): string {
  if (
    value === "" ||
    value.trim() !== value ||
    value.length > 1000 ||
    /[\p{Cc}\p{Cs}]/u.test(value)
  ) {
    throw new GitError("invalid-argument", "trailer value: one printable line expected");
  }
  return value;
}

function commitMessage(text: CommitText, own: Readonly<Record<string, string>>): string {
  const given = Object.entries(text.trailers ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [key] of given) {
    if (
      !/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(key) ||
      OWN_TRAILERS.some((each) => each.toLowerCase() === key.toLowerCase())
    ) {
      throw new GitError(
        "invalid-argument",
        `trailer ${key.slice(0, 64)}: not a key a caller may set`,
      );
    }
  }
  const trailers = [...Object.entries(own), ...given].map(
    ([key, value]) => `${key}: ${trailerValue(value)}`,
  );
  const body = text.message
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\P{Cc}\n\t]/gu, "")
    .trim();
  return `${body === "" ? "Council" : body}\n\n${trailers.join("\n")}\n`;
}

function readMatch(record: string): TrailerMatch {
  const [commit = "", tree = "", parents = "", ...body] = record.split("\n");
  return {
    commit,
    tree,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    trailers: parseTrailers(body.join("\n")),
  };
}

function identityPart(text: string): string {
  if (/[\p{Cc}\p{Cs}<>]/u.test(text) || !/[\p{L}\p{N}]/u.test(text)) {
    throw new GitError("invalid-argument", "identity: a printable name and email expected");
  }
  return text;
}
