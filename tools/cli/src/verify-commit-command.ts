/** `council verify-commit`: a commit on a branch against its trailers, its signature and the ledger. */
import { readFile } from "node:fs/promises";
import { evidenceBundleSchema, routes } from "@council/contracts";
import { GitError, inspectCommit } from "@council/git";
import type { Command } from "commander";
import { askGateway, type GatewayAnswer, gatewayOf, routeTo } from "./ask-gateway.ts";
import { withExamples } from "./gateway-command.ts";
import { checkCommit, claimOf } from "./verify-commit.ts";

interface Options {
  readonly repo: string;
  readonly allowedSigners?: string;
  readonly bundle?: string;
  readonly url?: string;
  readonly offline?: boolean;
}

export function fillVerifyCommitCommand(command: Command): void {
  command
    .argument("<rev>", "the commit, as git names it")
    .option("--repo <path>", "the repository or a checkout of it", ".")
    .option(
      "--allowed-signers <file>",
      "who may sign, as for ssh-keygen; without it no signature is checked",
    )
    .option("--bundle <file>", "the evidence bundle of the patch; default: asked of the gateway")
    .option("--offline", "look at the commit alone, ask nobody")
    .option("--url <url>", "the gateway; default: COUNCIL_URL, else this machine")
    .action(async (revision: string, options: Options) => {
      const lines = await verifyCommit(revision, options);
      if (lines.kind === "refused") {
        process.exitCode = 2;
        process.stderr.write(`${lines.reason}\n`);
        return;
      }
      if (!lines.isGood) process.exitCode = 1;
      process.stdout.write(lines.text);
    });
  withExamples(command, "verify-commit HEAD --repo ../shop --allowed-signers signers");
}

export type CommitReply =
  | { readonly kind: "checked"; readonly isGood: boolean; readonly text: string }
  | { readonly kind: "refused"; readonly reason: string };

export async function verifyCommit(revision: string, options: Options): Promise<CommitReply> {
  try {
    const commit = await inspectCommit({
      path: options.repo,
      revision,
      ...(options.allowedSigners === undefined
        ? {}
        : { allowedSignersFile: options.allowedSigners }),
    });
    const claim = claimOf(commit);
    const isOfPatch = "patchId" in claim;
    const answer = isOfPatch ? await bundleOf(claim.patchId, options) : undefined;
    if (answer?.kind === "refused") return answer;
    const bundle =
      answer === undefined ? undefined : evidenceBundleSchema.safeParse(parsed(answer.text));
    if (bundle?.success === false) return { kind: "refused", reason: "the bundle is none" };
    const lines = checkCommit(commit, bundle?.data);
    const text = lines.map((line) => `${line.isGood ? "ok " : "BAD"} ${line.text}\n`).join("");
    const isGood = lines.every((line) => line.isGood);
    return { kind: "checked", isGood, text: `commit ${commit.commit}\n${text}` };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { kind: "refused", reason: error.message };
  }
}

type Bundle = GatewayAnswer | { readonly kind: "refused"; readonly reason: string };

async function bundleOf(patchId: string, options: Options): Promise<Bundle | undefined> {
  if (options.bundle !== undefined) {
    const text = await readFile(options.bundle, "utf8").catch(() => undefined);
    const reason = `${options.bundle}: cannot be read`;
    return text === undefined ? { kind: "refused", reason } : { kind: "answered", text };
  }
  if (options.offline) return undefined;
  return await askGateway(await gatewayOf(options), routeTo(routes.bundle, patchId));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
