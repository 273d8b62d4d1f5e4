/**
 * Writes docs/api.md from the gateway's own table of operations, so that the page cannot say anything else
 * than `GET /v1/openapi.json`: `node tools/scripts/write-api.ts`.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const apiPage = join(root, "docs/api.md");

interface Content {
  readonly type: string;
  readonly example?: unknown;
}
interface Operation {
  readonly tag: string;
  readonly summary: string;
  readonly access: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Content & { readonly isOptional?: boolean };
  readonly status?: number;
  readonly answer: Content;
}
interface Reference {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly problemsOf: (route: string, operation: Operation) => readonly string[];
}

const intro = `# API

Every route of the gateway. This page is written by \`tools/scripts/write-api.ts\`; the same in a form for tools,
with the schemas, is served by every gateway without a token:

\`\`\`sh
curl -sS http://127.0.0.1:8080/v1/openapi.json
\`\`\`

What a request has to show (signature, token) is in [protocol.md](protocol.md#http), with how to sign. Every refusal
is a problem document; the statuses behind its codes are in [protocol.md](protocol.md#errors). Wherever a token or
a signature is needed \`unavailable\` can be the answer too: send the same again after \`Retry-After\`.
`;

/** The page as the code has it now. */
export async function apiText(): Promise<string> {
  // By path: the gateway is no dependency of this package.
  const load = (name: string) =>
    import(
      pathToFileURL(join(root, "services/gateway/src/openapi", name)).href
    ) as Promise<unknown>;
  const [{ operations }, { problemsOf }] = (await Promise.all([
    load("operations.ts"),
    load("api-document.ts"),
  ])) as [Pick<Reference, "operations">, Pick<Reference, "problemsOf">];
  const all = Object.entries(operations);
  const tags = [...new Set(all.map(([, { tag }]) => tag))];
  const sections = tags.map((tag) => {
    const own = all.filter(([, operation]) => operation.tag === tag);
    return [`## ${tag}`, ...own.map((each) => describe(each, problemsOf))].join("\n\n");
  });
  return (
    [intro, ...sections]
      .join("\n")
      .replaceAll(/\n(?=## )/g, "\n\n")
      .replaceAll(/\n{3,}/g, "\n\n") + "\n"
  );
}

function describe(
  [route, operation]: readonly [string, Operation],
  problemsOf: Reference["problemsOf"],
): string {
  const { summary, access, query = {}, body, status = 200, answer } = operation;
  const codes = problemsOf(route, operation).filter((code) => code !== "unavailable");
  const rows = [
    `- Access: ${access}`,
    ...Object.entries(query).map(([name, about]) => `- \`?${name}=\` ${about}`),
    ...(body ? [`- Body: \`${body.type}\`${body.isOptional ? ", may be left out" : ""}`] : []),
    `- Answer: ${status}, \`${answer.type}\``,
    ...(codes.length > 0 ? [`- Problems: ${codes.map((code) => `\`${code}\``).join(", ")}`] : []),
  ];
  const example =
    body?.example === undefined ? [] : ["```json\n" + written(body.example) + "\n```"];
  return [`### ${route}`, `${summary}.`, rows.join("\n"), ...example].join("\n\n");
}

/** As the formatter writes it: a short list on one line. */
const written = (example: unknown) =>
  JSON.stringify(example, undefined, 2).replaceAll(/\[\s+([^[\]{}]*?)\s+\]/g, "[$1]");

if (import.meta.main) await writeFile(apiPage, await apiText());
