export interface GatewayAddress {
  readonly url: string;
  readonly token?: string | undefined;
}

export type GatewayAnswer =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "refused"; readonly reason: string };

export const usualGateway = process.env["COUNCIL_URL"] ?? "http://127.0.0.1:8080";
const timeoutMs = 10_000;

/** Asks the gateway; a body makes it a POST. Never rejects: whatever goes wrong is a refusal. */
export async function askGateway(
  path: string,
  { url, token = process.env["COUNCIL_OPERATOR_TOKEN"] }: GatewayAddress,
  body?: object,
): Promise<GatewayAnswer> {
  try {
    const response = await fetch(new URL(path, url), {
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body ? { "content-type": "application/json" } : {}),
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.ok) return { kind: "answered", text };
    return { kind: "refused", reason: problemText(text, response.status) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "refused", reason: `${url} does not answer (${reason}): is the gateway up?` };
  }
}

/** Prints the answer, or the refusal with exit code 1. */
export function printAnswer(answer: GatewayAnswer, show: (text: string) => string): void {
  if (answer.kind === "answered") {
    process.stdout.write(show(answer.text));
    return;
  }
  process.exitCode = 1;
  process.stderr.write(`${answer.reason}\n`);
}

function problemText(text: string, status: number): string {
  const { detail, remedy } = parsed(text) as { detail?: unknown; remedy?: unknown };
  const said = [detail, remedy].filter((part) => typeof part === "string");
  return said.length > 0 ? said.join("; ") : `the gateway answered ${status}`;
}

function parsed(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return {};
  }
}
