/** The repository as text: its packages, their files and what each imports. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const repositoryRoot = join(import.meta.dirname, "..", "..");

export interface Package {
  readonly name: string;
  /** From the root of the repository, with `/`. */
  readonly folder: string;
  readonly layer: number;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
  readonly isTest: boolean;
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly nx?: { readonly tags?: readonly string[] };
}

const foreign = /(^|\/)(node_modules|fixtures|dist|coverage)(\/|$)|^tools\/demo\/sample\//;

/** Every workspace package. */
export function readPackages(): Package[] {
  const root = readManifest("package.json") as Manifest & { readonly workspaces: string[] };
  return filesOf(root.workspaces.map((pattern) => `${pattern}/package.json`)).map((path) => {
    const { name, dependencies = {}, devDependencies = {}, nx } = readManifest(path);
    const layer = nx?.tags?.find((tag) => tag.startsWith("layer:"))?.slice("layer:".length);
    return {
      name,
      folder: dirname(path),
      layer: Number(layer ?? Number.NaN),
      dependencies: new Set(Object.keys(dependencies)),
      devDependencies: new Set(Object.keys(devDependencies)),
    };
  });
}

/** The hand-written TypeScript and JavaScript of a package. */
export function readSources({ folder }: Pick<Package, "folder">): SourceFile[] {
  return filesOf([`${folder}/**/*.{ts,tsx,mts,mjs,js}`])
    .filter((path) => !path.endsWith(".d.mts"))
    .map((path) => {
      const text = readFileSync(join(repositoryRoot, path), "utf8");
      return { path, text, imports: importsOf(text), isTest: isTestPath(path) };
    });
}

/** Everything in the repository that is written by hand, by path. */
export function allPaths(): string[] {
  return filesOf(["{libs,services,tools,test}/**/*"]);
}

function filesOf(patterns: readonly string[]): string[] {
  return globSync([...patterns], { cwd: repositoryRoot, withFileTypes: true, exclude })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repositoryRoot, join(entry.parentPath, entry.name)))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !foreign.test(path))
    .sort();
}

// Not walked into at all: the dependencies are larger than the repository.
function exclude(entry: { readonly name: string }): boolean {
  return entry.name === "node_modules";
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(repositoryRoot, path), "utf8")) as Manifest;
}

/** Tests, what only tests use, and the suites a port's implementations share. */
function isTestPath(path: string): boolean {
  return /\.(test|config)\.ts$|\/conformance(\.ts$|\/)|\/testing(\/|\.ts$)|^test\//.test(path);
}

const statement =
  /(?:^|\n)\s*(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']\s*[,)]/g;

function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(statement)].flatMap((match) => match[1] ?? match[2] ?? []);
}
