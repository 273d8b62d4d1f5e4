/** `council verify`: checks an evidence bundle offline, with the heads' public keys. */
import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { exitWith } from "./exit-codes.ts";
import { withExamples } from "./gateway-command.ts";
import { verifyBundle } from "./verify-bundle.ts";

export function fillVerifyCommand(command: Command): void {
  command
    .argument("<bundle>", "file written by council bundle")
    .requiredOption(
      "--keyring <file>",
      "JSON object from head to public key (PEM), kept by yourself",
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
      exitWith("no");
      process.stderr.write(outcome.faults.map((fault) => `broken: ${fault}\n`).join(""));
    });
  withExamples(command, "verify bundle.json --keyring keyring.json");
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8")) as unknown;
}
