/**
 * Reads objects of a repository through two long-lived git processes, one for kinds and sizes and one for
 * contents: a process per object costs more than reading it.
 *
 * Who owns what: one reader per repository directory of this process; it starts its processes when asked,
 * lets go of them after some idle seconds, and they end with this process, whatever ends it. Requests are
 * answered in order. On failure: a process that dies or is silent too long fails what it still owed; the next
 * request gets a new one.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { GitError } from "./git-error.ts";
import { CLOSED_CONFIG, closedEnvironment, type Repository } from "./run-git.ts";

export interface ObjectInfo {
  readonly id: string;
  readonly type: "blob" | "commit" | "tag" | "tree";
  readonly sizeBytes: number;
}

type GitProcess = ChildProcessByStdio<Writable, Readable, null>;

const IDLE_MS = 5_000;

interface Wanted {
  readonly name: string;
  readonly answer: PromiseWithResolvers<{ info: ObjectInfo; bytes: Buffer } | undefined>;
  readonly timer: NodeJS.Timeout;
}

const readers = new Map<string, { check: BatchProcess; read: BatchProcess }>();

/** What `name` (an object id, or `<id>^{tree}` and the like) stands for; undefined when it is not here. */
export async function objectInfo(repo: Repository, name: string): Promise<ObjectInfo | undefined> {
  return (await readerOf(repo).check.ask(name))?.info;
}

/** The bytes of an object, of whatever size: ask for the size first. Undefined when it is not here. */
export async function objectBytes(repo: Repository, id: string): Promise<Buffer | undefined> {
  return (await readerOf(repo).read.ask(id))?.bytes;
}

function readerOf(repo: Repository) {
  const known = readers.get(repo.gitDir);
  if (known !== undefined) return known;
  const made = {
    check: new BatchProcess(repo, "--batch-check"),
    read: new BatchProcess(repo, "--batch"),
  };
  readers.set(repo.gitDir, made);
  return made;
}

class BatchProcess {
  readonly #repo: Repository;
  readonly #mode: "--batch" | "--batch-check";
  readonly #wanted: Wanted[] = [];
  #child: GitProcess | undefined;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** So many bytes must be there before it pays to look again. */
  #neededBytes = 1;
  #idle: NodeJS.Timeout | undefined;

  constructor(repo: Repository, mode: "--batch" | "--batch-check") {
    this.#repo = repo;
    this.#mode = mode;
  }

  ask(name: string): Wanted["answer"]["promise"] {
    // One request is one line; ids and their suffixes never hold a line break.
    if (/[\n\r\0]/.test(name)) throw new GitError("invalid-argument", "not the name of an object");
    clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    const answer: Wanted["answer"] = Promise.withResolvers();
    const late = () => this.#fail(new GitError("timeout", "git cat-file ran out of time"));
    const timer = setTimeout(late, this.#repo.timeoutMs);
    this.#wanted.push({ name, answer, timer });
    child.stdin.write(`${name}\n`);
    return answer.promise;
  }

  #start(): GitProcess {
    const child = spawn("git", [...CLOSED_CONFIG, "cat-file", this.#mode], {
      cwd: this.#repo.homeDir,
      env: closedEnvironment(this.#repo),
      stdio: ["pipe", "pipe", "ignore"],
    });
    // Neither the process nor its pipes keep Council from ending.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) {
      (pipe as unknown as { unref?: () => void }).unref?.();
      pipe.on("error", () => undefined);
    }
    child.stdout.on("data", (bytes: Buffer) => {
      if (this.#child === child) this.#take(bytes);
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === "ENOENT";
      const code = isMissing ? "git-missing" : "failed";
      if (this.#child === child) this.#fail(new GitError(code, "git could not be started"));
    });
    child.once("close", () => {
      if (this.#child === child) this.#fail(new GitError("failed", "git cat-file ended early"));
    });
    return child;
  }

  #take(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes < this.#neededBytes) return;
    let rest = this.#chunks.length === 1 ? bytes : Buffer.concat(this.#chunks);
    this.#neededBytes = 1;
    for (let used = this.#settleOne(rest); used > 0; used = this.#settleOne(rest)) {
      rest = rest.subarray(used);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bufferedBytes = rest.length;
    if (this.#wanted.length === 0) {
      this.#idle = setTimeout(() => this.#stop(), IDLE_MS);
      this.#idle.unref();
    }
  }

  /** Settles the oldest request if its answer is complete; the bytes it took, or 0. */
  #settleOne(buffer: Buffer): number {
    const end = buffer.indexOf(10);
    if (end < 0) return 0;
    const [id = "", type = "", size = ""] = buffer.toString("latin1", 0, end).split(" ");
    const isKnown = /^(blob|commit|tag|tree)$/.test(type) && /^\d+$/.test(size);
    const sizeBytes = isKnown ? Number(size) : 0;
    const used = end + 1 + (isKnown && this.#mode === "--batch" ? sizeBytes + 1 : 0);
    if (buffer.length < used) {
      this.#neededBytes = used;
      return 0;
    }
    const wanted = this.#wanted.shift();
    clearTimeout(wanted?.timer);
    const info: ObjectInfo = { id, type: type as ObjectInfo["type"], sizeBytes };
    // A copy, so that a small object does not keep a large buffer alive.
    const bytes = Buffer.from(buffer.subarray(end + 1, end + 1 + sizeBytes));
    wanted?.answer.resolve(isKnown ? { info, bytes } : undefined);
    return used;
  }

  #stop(): void {
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  #fail(error: GitError): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
    this.#chunks = [];
    this.#bufferedBytes = 0;
    this.#neededBytes = 1;
    for (const { answer, timer } of this.#wanted.splice(0)) {
      clearTimeout(timer);
      answer.reject(error);
    }
  }
}
