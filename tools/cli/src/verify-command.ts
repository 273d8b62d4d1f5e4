/** `council verify`: checks an evidence bundle offline, with the heads' public keys. */
import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { routes } from "@council/contracts";
import type { Command } from "commander";
import { z } from "zod";
import { askGateway, printAnswer, usualGateway } from "./ask-gateway.ts";
import { verifyBundle } from "./verify-bundle.ts";

export function addVerifyCommand(program: Command): void {
  program
    .command("bundle <patch>")
    .description(
      "the evidence bundle of a patch: ledger, sealed votes, diffs; for `council verify`",
    )
    .option("--url <url>", "the gateway", usualGateway)
    .action(async (patch: string, options: { url: string }) => {
      const path = routes.bundle.replace(":id", encodeURIComponent(patch));
      printAnswer(await askGateway(path, options), (text) => `${text}\n`);
    });
  program
    .command("verify <bundle>")
    .description("check an evidence bundle offline: signatures, digests, chain, verdicts")
    .requiredOption(
      "--keyring <file>",
      "JSON object from head to public key (PEM), kept by yourself",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  $ ./council bundle 4711 > bundle.json\n  $ ./council verify bundle.json --keyring keyring.json",
    )
    .action(async (path: string, { keyring }: { keyring: string }) => {
      const keys = z.record(z.string(), z.string()).parse(await readJson(keyring));
      const headKeys = new Map(
        Object.entries(keys).map(([head, pem]) => [head, createPublicKey(pem)] as const),
      );
      const outcome = verifyBundle(await readJson(path), headKeys);
      if (outcome.kind === "sound") {
        const { entries, votes, state } = outcome;
        process.stdout.write(`sound: ${entries} entries, ${votes} signed votes, ${state}\n`);
        return;
      }
      process.exitCode = 1;
      process.stderr.write(outcome.faults.map((fault) => `broken: ${fault}\n`).join(""));
    });
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8")) as unknown;
}
