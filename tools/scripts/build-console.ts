/**
 * Builds the operators' page when its sources have changed since it was built last. It is the one thing
 * of Council that is built; everything that shows the page calls this first.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFolderLock } from "./folder-lock.mjs";
import { lastLines, runProcess } from "./run-process.ts";

export type ConsoleBuild =
  | { readonly kind: "built" | "unchanged"; readonly folder: string }
  | { readonly kind: "failed"; readonly reason: string };

const checkout = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** All that decides what the built page holds; the domain is folded into it. */
const sources = [
  "services/console/page/**/*",
  "services/console/vite.config.ts",
  "services/console/package.json",
  "libs/domain/src/**/*.ts",
  "package-lock.json",
];

/** Safe to call from many processes at once; without a change it reads the sources and does nothing. */
export async function ensureConsole(options: {
  readonly say: (line: string) => void;
  /** Default: this checkout. */
  readonly root?: string;
}): Promise<ConsoleBuild> {
  const { say, root = checkout } = options;
  const own = join(root, ".council");
  const stamp = join(own, "console-build");
  const folder = join(root, "services", "console", "dist");
  mkdirSync(own, { recursive: true });
  return withFolderLock(join(own, "console-build.lock"), async () => {
    const digest = sourceDigest(root);
    if (existsSync(join(folder, "index.html")) && readStamp(stamp) === digest)
      return { kind: "unchanged", folder };
    const startedAt = Date.now();
    // Gone before the build begins: one that is interrupted leaves no page that looks current.
    rmSync(stamp, { force: true });
    const vite = join(root, "node_modules", "vite", "bin", "vite.js");
    const place = join(root, "services", "console");
    // A test run says NODE_ENV=test, with which React would be built for development.
    const env = { ...process.env, NODE_ENV: "production" };
    const result = await runProcess(process.execPath, [vite, "build"], {
      cwd: place,
      env,
      timeoutMs: 180_000,
    });
    if (!result.ok) return { kind: "failed", reason: lastLines(result.stderr, 12) };
    writeFileSync(stamp, digest);
    say(`the console is built (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
    return { kind: "built", folder };
  });
}

function sourceDigest(root: string): string {
  const hash = createHash("sha256").update(process.version);
  const files = sources.flatMap((pattern) =>
    globSync(pattern, { cwd: root, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of files.sort()) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest("hex");
}

function readStamp(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
