import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Answers by the digest of the whole question: the same question again costs nothing, a similar one is another. */
export interface AnswerCache {
  get(key: string): Promise<string | undefined>;
  put(key: string, answer: string): Promise<void>;
}

/** SHA-256 over everything that makes a question, as hex. */
export function answerKey(question: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("hex");
}

/** Keeps the newest `maxEntries` in memory. */
export function memoryAnswerCache(maxEntries = 1_000): AnswerCache {
  const answers = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(answers.get(key)),
    put: (key, answer) => {
      answers.delete(key);
      answers.set(key, answer);
      const [oldest] = answers.keys();
      if (answers.size > maxEntries && oldest !== undefined) answers.delete(oldest);
      return Promise.resolve();
    },
  };
}

const answerMaxBytes = 8 * 1024 * 1024;

/**
 * One file per answer, so that a process that was restarted does not pay twice. A file that cannot be
 * read or written is an answer that is not cached: losing it costs money, never correctness.
 */
export function fileAnswerCache(dir: string): AnswerCache {
  const fileOf = (key: string) => join(dir, key.slice(0, 2), `${key}.json`);
  return {
    get: async (key) => {
      const path = fileOf(key);
      try {
        if ((await stat(path)).size > answerMaxBytes) return undefined;
        return await readFile(path, "utf8");
      } catch {
        return undefined;
      }
    },
    put: async (key, answer) => {
      const path = fileOf(key);
      const fresh = `${path}.${randomUUID()}`;
      try {
        await mkdir(join(path, ".."), { recursive: true });
        await writeFile(fresh, answer, { mode: 0o600 });
        await rename(fresh, path);
      } catch {
        await rm(fresh, { force: true }).catch(() => {});
      }
    },
  };
}
