/** `council policy shadow`: how rules on trial would have done, from the ledgers of the newest patches. */
import { type LedgerEntry, routes } from "@council/contracts";
import { type ShadowRecord, shadowReport } from "@council/domain";
import type { Command } from "commander";

const usualUrl = "http://127.0.0.1:8080";
const timeoutMs = 10_000;
/** As many patches as the gateway lists at once. */
const mostPatches = 200;

export interface Asking {
  readonly url: string;
  readonly token?: string | undefined;
  readonly limit: number;
}

export function addShadowCommand(policy: Command): void {
  policy
    .command("shadow")
    .description("how often rules on trial would have fired, and how often rightly")
    .option("--json", "the records as JSON")
    .option("--limit <count>", `newest patches to read, up to ${mostPatches}`, Number, mostPatches)
    .option("--url <url>", "the gateway", process.env["COUNCIL_URL"] ?? usualUrl)
    .action(async (options: { json?: boolean; limit: number; url: string }) => {
      const token = process.env["COUNCIL_OPERATOR_TOKEN"];
      try {
        const records = await fetchShadow({ ...options, token });
        const text = options.json ? JSON.stringify(records, undefined, 2) : shadowText(records);
        process.stdout.write(`${text}\n`);
      } catch (error) {
        process.exitCode = 1;
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      }
    });
}

/** Rejects with a sentence for people when the gateway does not answer as it should. */
export async function fetchShadow({ url, token, limit }: Asking): Promise<ShadowRecord[]> {
  const get = async <T>(path: string): Promise<T> => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(new URL(path, url), { headers, signal }).catch(() => undefined);
    if (!response) throw new Error(`${url} does not answer: is the gateway up?`);
    if (!response.ok) throw new Error(`the gateway answers ${response.status} to ${path}`);
    return (await response.json()) as T;
  };
  const query = `${routes.patches}?limit=${limit}`;
  const { patches } = await get<{ patches: readonly { id: string }[] }>(query);
  const histories: LedgerEntry[][] = [];
  for (const { id } of patches) {
    const path = routes.patch.replace(":id", encodeURIComponent(id));
    histories.push((await get<{ timeline: LedgerEntry[] }>(path)).timeline);
  }
  return shadowReport(histories);
}

/** One line per rule. */
export function shadowText(records: readonly ShadowRecord[]): string {
  if (records.length === 0) return "No rule is on trial in the patches that were read.";
  return records
    .map(
      ({ ruleId, watched, fired, rightly, wrongly, missed }) =>
        `${ruleId}: would have fired on ${fired} of ${watched} patches, ` +
        `${rightly} rightly and ${wrongly} wrongly; ${missed} were taken back without it`,
    )
    .join("\n");
}
