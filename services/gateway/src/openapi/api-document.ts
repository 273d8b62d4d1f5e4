/** The OpenAPI 3.1 document, made from the table of operations and the schemas of the contracts. */
import { headers, noticeSchema } from "@council/contracts";
import { z } from "zod";
import { type ProblemCode, problemTypes } from "../problems.ts";
import type { Access, Content, Operation } from "./operation.ts";
import { operations } from "./operations.ts";

const version = "1";

const description = `What Council speaks over HTTP. A 202 says that what was sent is stored; what comes of it is in the
patch's timeline. Every refusal is an RFC 9457 problem document whose \`type\` is \`urn:council:problem:<code>\`.`;

const apiKey = (name: string, about: string) => ({
  type: "apiKey",
  in: "header",
  name,
  description: about,
});
const securitySchemes = {
  operator: {
    type: "http",
    scheme: "bearer",
    description: "The token of an operator with the role; `COUNCIL_OPERATOR_TOKEN` has every role.",
  },
  signature: apiKey(
    headers.webhookSignature,
    "Standard Webhooks over the raw bytes, with `council-sender`, `webhook-id` and `webhook-timestamp`.",
  ),
  pipeline: { type: "http", scheme: "bearer", description: "`COUNCIL_OTLP_TOKEN`." },
  github: apiKey(headers.githubSignature, "HMAC by `COUNCIL_GITHUB_WEBHOOK_SECRET`."),
  gitea: apiKey(headers.giteaSignature, "HMAC by `COUNCIL_GITEA_WEBHOOK_SECRET`."),
  gitlab: apiKey(headers.gitlabToken, "Proves that `COUNCIL_GITLAB_WEBHOOK_SECRET` is known."),
} as const;

/** Each entry is one way in; an empty one says that nothing needs to be shown. */
const waysIn: Readonly<Record<Access, readonly object[]>> = {
  open: [],
  // Without a token only where `COUNCIL_READ_ACCESS=open`.
  read: [{ operator: [] }],
  viewer: [{ operator: [] }],
  operator: [{ operator: [] }],
  approver: [{ operator: [] }],
  admin: [{ operator: [] }],
  signature: [{ signature: [] }],
  pipeline: [{ pipeline: [] }, { signature: [] }],
  github: [{ github: [] }],
  gitea: [{ gitea: [] }],
  gitlab: [{ gitlab: [] }],
};

const signatureProblems = [
  "signature-missing",
  "signature-stale",
  "signature-invalid",
  "sender-unknown",
] as const;
const forgeProblems = ["signature-missing", "signature-invalid"] as const;
const accessProblems: Readonly<Record<Access, readonly ProblemCode[]>> = {
  open: [],
  read: ["token-required"],
  viewer: ["token-required"],
  operator: ["token-required", "role-required"],
  approver: ["token-required", "role-required"],
  admin: ["token-required", "role-required"],
  signature: signatureProblems,
  pipeline: [...signatureProblems, "token-required"],
  github: forgeProblems,
  gitea: forgeProblems,
  gitlab: forgeProblems,
};

/** Every way to be refused on a route, in the order of the statuses. */
export function problemsOf(route: string, operation: Operation): ProblemCode[] {
  const { access, body, problems = [] } = operation;
  const codes = new Set<ProblemCode>([
    ...accessProblems[access],
    ...(body
      ? (["body-malformed", "body-too-large", "content-type-unsupported", "body-invalid"] as const)
      : []),
    ...(route.includes("/:") ? (["patch-unknown", "patch-ambiguous"] as const) : []),
    ...(access === "open" ? [] : (["unavailable"] as const)),
    ...problems,
  ]);
  const all = Object.keys(problemTypes) as ProblemCode[];
  return all.filter((code) => codes.has(code));
}

/** Plain data; the same for every process of one version. */
export function apiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [route, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = route.split(" ");
    const at = path.replaceAll(/:(\w+)/g, "{$1}");
    paths[at] = { ...paths[at], [method.toLowerCase()]: operationOf(route, operation) };
  }
  const tags = [...new Set(Object.values(operations).map(({ tag }) => tag))];
  return {
    openapi: "3.1.0",
    info: {
      title: "Council",
      version,
      description,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: tags.map((name) => ({ name })),
    paths,
    webhooks: { notice: { post: noticeOperation() } },
    components: { securitySchemes, schemas: { Problem: problemSchema } },
  };
}

function operationOf(route: string, operation: Operation): object {
  const { tag, summary, access, query = {}, body, status = 200, answer } = operation;
  const parameters = [
    ...[...route.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      description: "A patch id or external id.",
      schema: { type: "string" },
    })),
    ...Object.entries(query).map(([name, about]) => ({
      name,
      in: "query",
      description: about,
      schema: { type: "string" },
    })),
  ];
  return {
    operationId: route
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replace(/-$/, ""),
    tags: [tag],
    summary,
    security: waysIn[access],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: body.isOptional !== true, content: contentOf(body, "input") } }
      : {}),
    responses: {
      [status]: {
        description: status === 202 ? "Stored." : "Done.",
        content: contentOf(answer, "output"),
      },
      ...problemResponses(problemsOf(route, operation)),
    },
  };
}

function problemResponses(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = Map.groupBy(codes, (code) => String(problemTypes[code].status));
  const told = [...byStatus].map(([status, each]) => [
    status,
    problemResponse(each.map((code) => `\`${code}\`: ${problemTypes[code].title}.`).join(" ")),
  ]);
  return { ...(Object.fromEntries(told) as object), default: problemResponse("Refused.") };
}

const problemResponse = (about: string) => ({
  description: about,
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

const issue = z.object({ field: z.string(), detail: z.string(), remedy: z.string() });
const problemSchema = schemaOf(
  z.object({
    type: z.string().describe("`urn:council:problem:<code>`"),
    status: z.number().int(),
    title: z.string(),
    detail: z.string(),
    field: z.string().optional().describe("What of the request is at fault."),
    remedy: z.string().optional().describe("What to do about it."),
    issues: z.array(issue).optional().describe("Every fault found."),
  }),
  "output",
);

function noticeOperation(): object {
  return {
    summary: "A notice, sent to `COUNCIL_NOTICE_URL`",
    security: [{ signature: [] }],
    requestBody: {
      required: true,
      content: contentOf({ type: "application/json", schema: noticeSchema }, "output"),
    },
    responses: { "2XX": { description: "Taken; anything else is tried again." } },
  };
}

function contentOf({ type, schema, example }: Content, io: "input" | "output"): object {
  const shape = schema === undefined ? { type: "string" } : schemaOf(schema, io);
  return { [type]: { schema: shape, ...(example === undefined ? {} : { example }) } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _dialect, ...shape } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return shape;
}
