import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].map((name) =>
    join(root, name),
  ),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, "docs", name)),
].map((path) => ({ path, name: relative(root, path), text: readFileSync(path, "utf8") }));

/** All source text but tests. */
const sources = ["libs", "services", "tools", "test"]
  .flatMap((folder) =>
    globSync(`${folder}/**/*.ts`, {
      cwd: root,
      exclude: (name) => name.includes("node_modules") || name.endsWith(".test.ts"),
    }),
  )
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");

const pageNamed = (name: string) => pages.find((page) => page.name === name)!.text;
const matchesOf = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((match) => match[1]!);
// By path: the packages are no dependencies of this one.
const load = (path: string) => import(pathToFileURL(join(root, path)).href);

test.each(pages)("$name links to files that are there", ({ path, text }) => {
  const targets = matchesOf(text, /\]\(([^)\s#]+)[^)\s]*\)/g).filter((to) => !/^https?:/.test(to));
  // The reading list shortens the text of a link, never its target.
  expect(targets.filter((to) => !existsSync(join(dirname(path), to)))).toEqual([]);
});

test.each(pages)("$name names files that are there", ({ text }) => {
  const named = matchesOf(text, /`((?:libs|services|tools|test|docs|deploy)\/[\w./-]+)`/g);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(pages)("$name names settings, problems and commands that are there", async ({ text }) => {
  const { problemTypes } = (await load("services/gateway/src/problems.ts")) as {
    problemTypes: Record<string, { status: number }>;
  };
  // Of a process, or handed to a program that Council starts.
  const settings = /\b((?:COUNCIL|COST|PATCHCTL|ACCURACY|OTEL)_[A-Z0-9_]+)\b/g;
  const known = new Set(matchesOf(sources, settings));
  expect(matchesOf(text, settings).filter((name) => !known.has(name))).toEqual([]);
  const problems = [...text.matchAll(/`([a-z-]+)` \((\d{3})\)/g)];
  const wrong = problems.filter(([, code, status]) => `${problemTypes[code!]?.status}` !== status);
  expect(wrong.map(([whole]) => whole)).toEqual([]);
  const commands = matchesOf(text, /`council ([a-z][a-z-]*)/g);
  const commandPage = pageNamed("docs/cli.md");
  expect(commands.filter((name) => !commandPage.includes(`### \`council ${name}`))).toEqual([]);
});

test.each(pages)("$name gives commands the options they have", ({ text }) => {
  const sections = pageNamed("docs/cli.md").split(/^### `council /m);
  const sectionOf = (words: readonly string[]) =>
    [2, 1]
      .map((count) => words.slice(0, count).join(" "))
      .map((name) => sections.find((section) => section.startsWith(`${name}\``)))
      .find((section) => section !== undefined);
  const blocks = matchesOf(text, /^```sh\n([^]*?)^```/gm).map((block) =>
    block.replaceAll("\\\n", " ").split("\n"),
  );
  const calls = [...blocks.flat(), ...matchesOf(text, /`((?:\.\/)?council [^`]+)`/g)]
    .map((line) => line.replaceAll(/'[^']*'|"[^"]*"/g, "TEXT").replace(/#.*/, ""))
    .flatMap((line) => matchesOf(line, /(?:^|[;&|(] *)(?:[\w./-]*\/)?council ([a-z][^;&|)]*)/g))
    .map((call) => call.trim().split(/\s+/));
  const wrong = calls.filter((words) => {
    const section = sectionOf(words);
    const options = words.filter((word) => word.startsWith("--") && word !== "--help");
    const isKnown = (option: string) =>
      [" ", "`"].some((end) => section?.includes(`\`${option}${end}`));
    return !section || options.some((option) => !isKnown(option.split("=")[0]!));
  });
  expect(wrong.map((words) => words.join(" "))).toEqual([]);
});

test.each(pages)("$name runs scripts that package.json has", ({ text }) => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = matchesOf(text, /\bnpm run ([a-z][\w:-]*)/g);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test("the troubleshooting page quotes what the code says", () => {
  const quoted = pageNamed("docs/troubleshooting.md")
    .split(/^\| What (?:it says|is logged) .*$/m)
    .slice(1)
    .flatMap((table) => table.split("\n\n")[0]!.split("\n"))
    .flatMap((row) => matchesOf(row.split(" | ")[0]!, /`([^`]+)`/g));
  expect(quoted.length).toBeGreaterThan(10);
  const parts = quoted.flatMap((text) => text.split("…").map((part) => part.trim()));
  expect(parts.filter((part) => !sources.includes(part))).toEqual([]);
});

test("the protocol page lists every problem of the gateway, with its status and title", async () => {
  const { problemTypes } = (await load("services/gateway/src/problems.ts")) as {
    problemTypes: Record<string, { status: number; title: string }>;
  };
  const section = pageNamed("docs/protocol.md").split("urn:council:problem:<code>")[1]!;
  const table = section.split("\n## ")[0]!;
  const rows = [...table.matchAll(/^\| `([a-z-]+)` +\| (\d+) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, code, status, title]) => [code, { status: Number(status), title }]);
  expect(Object.fromEntries(listed)).toEqual(problemTypes);
});

test("the protocol page names every route, header and trailer", async () => {
  const { routes, headers, trailers } = (await load("libs/contracts/src/names.ts")) as Record<
    "routes" | "headers" | "trailers",
    Record<string, string>
  >;
  const text = pageNamed("docs/protocol.md").toLowerCase();
  const names = [...Object.values(routes!), ...Object.values(trailers!)];
  const own = Object.values(headers!).filter(
    (name) => !name.includes("github") && name !== "x-hub-signature-256",
  );
  expect([...names, ...own].filter((name) => !text.includes(name.toLowerCase()))).toEqual([]);
});

test("the configuration page names every field and default of a policy", async () => {
  const { defaultPolicy, defaultRules } = (await load("libs/domain/src/default-policy.ts")) as {
    defaultPolicy: Record<string, string | number | readonly unknown[]>;
    defaultRules: readonly { id: string }[];
  };
  const text = pageNamed("docs/configuration.md");
  for (const [field, value] of Object.entries(defaultPolicy)) {
    const shown = typeof value === "object" ? "" : `${value}`;
    expect(text).toMatch(new RegExp(`\\| \`${field}\` +\\| [^|]*${shown}`));
  }
  for (const { id } of defaultRules) expect(text).toContain(`| \`${id}\``);
});

test("a decision record is short", () => {
  const records = pages.filter(({ name }) => name.startsWith("docs/adr/"));
  expect(records.length).toBeGreaterThan(0);
  expect(records.filter(({ text }) => text.trimEnd().split("\n").length > 60)).toEqual([]);
});
