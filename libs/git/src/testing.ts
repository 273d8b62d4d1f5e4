/** A real bare remote in a private temporary directory, for the tests of whoever uses this package. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { branchRef } from "./git-names.ts";
import { createRepository, openMirror, repositoryAt, type Mirror } from "./mirror.ts";
import { gitLine, gitOutput, runGit, type Repository } from "./run-git.ts";
import { readFile } from "./tree-reading.ts";

/** Content of a test file; null removes the path. */
export type TestFile =
  | string
  | Uint8Array
  | null
  | {
      readonly content: string | Uint8Array;
      /** 100644, 100755, 120000 (content is the target) or 160000 (content is a commit id). */
      readonly mode: string;
    };

export interface TestCommit {
  readonly files: Readonly<Record<string, TestFile>>;
  /** Default `main`. */
  readonly branch?: string;
  readonly message?: string;
  /** Further parents, after the branch's head. */
  readonly mergeOf?: readonly string[];
}

export interface TestRemote {
  /** What to open a mirror with. */
  readonly url: string;
  /** The private directory that holds everything of this remote. */
  readonly dir: string;
  /** The bare repository itself. */
  readonly repository: Repository;
  /** Adds a commit on top of a branch (creating the branch when absent) and returns its id. */
  commit(commit: TestCommit): Promise<string>;
  /** Creates or moves a branch. */
  setBranch(branch: string, commit: string): Promise<void>;
  head(branch?: string): Promise<string | undefined>;
  /** Text of a file at a branch or commit; undefined when absent. */
  text(path: string, at?: string): Promise<string | undefined>;
  /** Commit ids of a branch, newest first. */
  log(branch?: string): Promise<string[]>;
  /** Opens another mirror of this remote in a directory of its own. */
  mirror(): Promise<Mirror>;
  /** Removes everything from disk. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const FIRST_SECOND = 1_700_000_000;

/** Creates a bare remote whose branch `main` holds `files` as its first commit. */
export async function testRemote(
  files: Readonly<Record<string, TestFile>> = { "README.md": "# sample\n" },
): Promise<TestRemote> {
  const dir = await mkdtemp(join(tmpdir(), "council-git-"));
  const repository = repositoryAt(dir, 30_000);
  await createRepository(repository, true);
  const remove = async () => await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  let commits = 0;
  let mirrors = 0;
  const head = async (branch = "main") => await headOf(repository, branch);
  const remote: TestRemote = {
    url: `file://${repository.gitDir}`,
    dir,
    repository,
    head,
    commit: async (request) => await addCommit(repository, request, (commits += 1)),
    setBranch: async (branch, commit) => {
      await gitOutput(repository, ["update-ref", branchRef(branch), commit]);
    },
    text: async (path, at = "main") => {
      const commit = /^[0-9a-f]{40}$/.test(at) ? at : await head(at);
      if (commit === undefined) return undefined;
      const file = await readFile(repository, commit, path);
      return file.kind === "blob" ? file.bytes.toString("utf8") : undefined;
    },
    log: async (branch = "main") =>
      (await gitLine(repository, ["rev-list", branchRef(branch)])).split("\n"),
    mirror: async () =>
      await openMirror({
        remoteUrl: remote.url,
        dir: join(dir, `mirror-${(mirrors += 1)}`),
        timeoutMs: 30_000,
      }),
    remove,
    [Symbol.asyncDispose]: remove,
  };
  await remote.commit({ files, message: "first" });
  return remote;
}

async function headOf(repository: Repository, branch: string): Promise<string | undefined> {
  const result = await runGit(repository, ["rev-parse", "--verify", "--quiet", branchRef(branch)]);
  return result.exitCode === 0 ? result.stdout.toString("utf8").trim() : undefined;
}

async function addCommit(
  repository: Repository,
  request: TestCommit,
  number: number,
): Promise<string> {
  const ref = branchRef(request.branch ?? "main");
  const parent = await headOf(repository, request.branch ?? "main");
  const lines: Array<string | Uint8Array> = [
    `commit ${ref}\n`,
    `committer Developer <developer@example.test> ${FIRST_SECOND + number * 60} +0000\n`,
    ...data(`${request.message ?? `change ${number}`}\n`),
    parent === undefined ? "" : `from ${parent}\n`,
    ...(request.mergeOf ?? []).map((commit) => `merge ${commit}\n`),
    ...Object.entries(request.files).flatMap(([path, file]) => fileLines(path, file)),
    "done\n",
  ];
  const input = Buffer.concat(lines.map((line) => Buffer.from(line as string)));
  await gitOutput(repository, ["fast-import", "--quiet", "--done"], { input });
  return await gitLine(repository, ["rev-parse", ref]);
}

function fileLines(path: string, file: TestFile): Array<string | Uint8Array> {
  const name = `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"\n`;
  if (file === null) return [`D ${name}`];
  const isPlain = typeof file === "string" || file instanceof Uint8Array;
  const mode = isPlain ? "100644" : file.mode;
  const content = isPlain ? file : file.content;
  if (mode === "160000") return [`M 160000 ${content.toString()} ${name}`];
  return [`M ${mode} inline ${name}`, ...data(content)];
}

function data(content: string | Uint8Array): Array<string | Uint8Array> {
  return [`data ${Buffer.byteLength(content)}\n`, content, "\n"];
}
