import { builtinModules } from "node:module";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { type Package, readPackages, readSources } from "./source-tree.ts";

const packages = readPackages();
const byName = new Map(packages.map((each) => [each.name, each] as const));
const sources = packages.map((own) => ({ own, files: readSources(own) }));
const rootTools = new Set(["vitest", "vitest/config", "vitest/node", "fast-check", "typescript"]);

const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
const isRelative = (specifier: string) => specifier.startsWith(".");
const isBuiltin = (specifier: string) =>
  specifier.startsWith("node:") || builtinModules.includes(packageOf(specifier));

describe("imports", () => {
  it("finds the packages and their files", () => {
    expect(packages.map(({ name }) => name)).toContain("@council/domain");
    expect(packages.filter(({ layer }) => Number.isNaN(layer))).toEqual([]);
    const empty = sources.filter(({ files }) => files.length === 0).map(({ own }) => own.name);
    expect(empty).toEqual([]);
  });

  it("name only packages that the importing package declares", () => {
    const undeclared = sources.flatMap(({ own, files }) =>
      files.flatMap(({ path, imports, isTest }) =>
        imports
          .filter((specifier) => !isRelative(specifier) && !isBuiltin(specifier))
          .filter((specifier) => !(isTest && rootTools.has(specifier)))
          .map(packageOf)
          .filter((name) => !own.dependencies.has(name) && name !== own.name)
          .filter((name) => !(isTest && own.devDependencies.has(name)))
          .map((name) => `${path} imports ${name}`),
      ),
    );
    expect(undeclared).toEqual([]);
  });

  it("use node: for what Node.js brings", () => {
    const bare = sources.flatMap(({ files }) =>
      files.flatMap(({ path, imports }) =>
        imports
          .filter((specifier) => !specifier.startsWith("node:") && isBuiltin(specifier))
          .map((specifier) => `${path} imports ${specifier}`),
      ),
    );
    expect(bare).toEqual([]);
  });

  it("never reach into another package by a relative path", () => {
    const reaching = sources.flatMap(({ own, files }) =>
      files.flatMap(({ path, imports }) =>
        imports
          .filter(isRelative)
          .map((specifier) => posix.join(posix.dirname(path), specifier))
          .filter((target) => !`${target}/`.startsWith(`${own.folder}/`))
          .map((target) => `${path} imports ${target}`),
      ),
    );
    expect(reaching.filter((line) => !line.startsWith("test/scratch.ts"))).toEqual([]);
  });

  it("point downwards: a lib or service uses lower layers only", () => {
    const upward = packages
      .filter(({ folder }) => /^(libs|services)\//.test(folder))
      .flatMap((own) =>
        councilDependencies(own)
          .filter((other) => other.layer >= own.layer)
          .map((other) => `${own.name} (${own.layer}) uses ${other.name} (${other.layer})`),
      );
    expect(upward).toEqual([]);
  });

  it("keep tools and tests on top: nothing but they use them", () => {
    const used = packages
      .filter(({ folder }) => /^(libs|services)\//.test(folder))
      .flatMap((own) =>
        councilDependencies(own)
          .filter(({ folder }) => /^(tools|test)/.test(folder))
          .map((other) => `${own.name} uses ${other.name}`),
      );
    expect(used).toEqual([]);
  });
});

describe("the domain", () => {
  const domain = sources.find(({ own }) => own.name === "@council/domain");

  it("imports nothing but itself: no package, nothing of Node.js", () => {
    const foreign = (domain?.files ?? [])
      .filter(({ isTest }) => !isTest)
      .flatMap(({ path, imports }) =>
        imports
          .filter((specifier) => !isRelative(specifier))
          .map((specifier) => `${path}: ${specifier}`),
      );
    expect(domain?.files.length).toBeGreaterThan(10);
    expect(foreign).toEqual([]);
  });

  it("has no clock, no chance and no input or output (P5)", () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bcrypto\.|\bprocess\.|\bfetch\(|\bsetTimeout\b|\basync\b|\bawait\b/;
    const lines = (domain?.files ?? [])
      .filter(({ isTest }) => !isTest)
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .filter((line) => impure.test(line) && !/^\s*(\/?\*|\/\/)/.test(line))
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(lines).toEqual([]);
  });
});

function councilDependencies(own: Package): Package[] {
  return [...own.dependencies].flatMap((name) => byName.get(name) ?? []);
}
