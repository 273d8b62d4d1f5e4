/** `council why`: the why-card of a revert, fetched from the gateway and drawn for the terminal. */
import type { WhyCard } from "@council/domain";
import type { Command } from "commander";
import { whyText } from "./why-text.ts";

export interface WhyOptions {
  readonly json?: boolean;
  readonly url: string;
  readonly token?: string | undefined;
}

export type WhyReply =
  | { readonly kind: "card"; readonly card: WhyCard }
  | { readonly kind: "refused"; readonly reason: string };

const usualUrl = "http://127.0.0.1:8080";
const timeoutMs = 10_000;

export function addWhyCommand(program: Command): void {
  program
    .command("why <patch>")
    .description("why a patch was taken back: rule, numbers, events, and what would have kept it")
    .option("--json", "the card as JSON")
    .option("--url <url>", "the gateway", process.env["COUNCIL_URL"] ?? usualUrl)
    .addHelpText(
      "after",
      "\nReads the operator token from COUNCIL_OPERATOR_TOKEN.\n\nExample:\n  $ ./council why 4711",
    )
    .action(async (patch: string, options: { json?: boolean; url: string }) => {
      const token = process.env["COUNCIL_OPERATOR_TOKEN"];
      const reply = await fetchWhy(patch, { ...options, token });
      if (reply.kind === "refused") {
        process.exitCode = 1;
        process.stderr.write(`${reply.reason}\n`);
        return;
      }
      const { card } = reply;
      process.stdout.write(
        `${options.json ? JSON.stringify(card, undefined, 2) : whyText(card)}\n`,
      );
    });
}

/** Asks the gateway. Never rejects: whatever goes wrong is a refusal with its reason. */
export async function fetchWhy(patch: string, { url, token }: WhyOptions): Promise<WhyReply> {
  try {
    // Read when needed: the schemas take longer to load than all other commands to start.
    const { routes, whyCardSchema } = await import("@council/contracts");
    const address = new URL(routes.why.replace(":id", encodeURIComponent(patch)), url);
    const response = await fetch(address, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await response.json();
    if (!response.ok) return { kind: "refused", reason: problemText(body, response.status) };
    const card = whyCardSchema.safeParse(body);
    if (card.success) return { kind: "card", card: card.data };
    return { kind: "refused", reason: `${url} answered something else than a why-card` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "refused", reason: `${url} does not answer (${reason}): is the gateway up?` };
  }
}

function problemText(body: unknown, status: number): string {
  const { detail, remedy } = (body ?? {}) as { detail?: unknown; remedy?: unknown };
  const said = [detail, remedy].filter((part) => typeof part === "string");
  return said.length > 0 ? said.join("; ") : `the gateway answered ${status}`;
}
