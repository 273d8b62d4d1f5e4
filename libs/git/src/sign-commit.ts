/**
 * Signatures of commits, with an ssh key from a file (`gpg.format=ssh`).
 *
 * Decides: which keys may sign. The id of a commit holds its signature, so only a key that signs the
 * same bytes the same way each time is taken (Ed25519, RSA): then two tries still make one commit (P1).
 * Everything is given to git in its environment; no repository's configuration has a say.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { GitError } from "./git-error.ts";
import { gitOutput, type Repository, reasonOf, runGit } from "./run-git.ts";

/** The private key commits are signed with: OpenSSH's own format, without a passphrase. */
export interface Signing {
  readonly keyFile: string;
}

export type SignatureCheck =
  /** `principal` is the name the key has in the list of allowed signers. */
  | { readonly kind: "good"; readonly principal: string; readonly key: string }
  | { readonly kind: "unsigned" }
  | { readonly kind: "bad"; readonly reason: string };

const SIGN_TIMEOUT_MS = 10_000;

/** What a `commit-tree` needs to sign, as arguments and environment; nothing without a key. */
export function signingCall({ signing, tmpDir }: Repository): {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  if (signing === undefined) return { args: [], env: {} };
  return { args: [`-S${signing.keyFile}`], env: { TMPDIR: tmpDir, ...gitSettings({}) } };
}

/**
 * Throws `GitError` "invalid-argument", with the remedy, for a key that cannot sign here or whose
 * signatures differ from try to try (ECDSA, keys on a token).
 */
export async function checkSigning({ keyFile }: Signing): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "council-signing-"));
  try {
    const text = join(dir, "text");
    await writeFile(text, "Council signs commits with this key.\n");
    const first = await signOnce(dir, keyFile, text);
    if (first === (await signOnce(dir, keyFile, text))) return;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  refuse("its signatures differ from try to try; use an Ed25519 key: ssh-keygen -t ed25519 -N ''");
}

async function signOnce(dir: string, keyFile: string, text: string): Promise<string> {
  const result = await execa("ssh-keygen", ["-Y", "sign", "-n", "git", "-f", keyFile], {
    inputFile: text,
    // No agent, no window that asks for a passphrase.
    env: {
      PATH: process.env["PATH"],
      HOME: dir,
      LC_ALL: "C",
      SSH_ASKPASS: "false",
      SSH_ASKPASS_REQUIRE: "force",
    },
    extendEnv: false,
    reject: false,
    timeout: SIGN_TIMEOUT_MS,
  });
  if (result.exitCode === 0 && result.stdout.includes("BEGIN SSH SIGNATURE")) return result.stdout;
  const lines = (result.stderr ?? "").split("\n").filter((line) => /[a-z]/.test(line));
  const why = lines[0] ?? "ssh-keygen (OpenSSH) could not be started";
  return refuse(
    `${why.slice(0, 200)}; it must be readable by this user alone, without a passphrase`,
  );
}

/** Checks the signature of a commit against a file of allowed signers (ssh-keygen(1), "ALLOWED SIGNERS"). */
export async function checkSignature(
  repo: Repository,
  commit: string,
  allowedSignersFile: string,
): Promise<SignatureCheck> {
  const env = gitSettings({ "gpg.ssh.allowedSignersFile": allowedSignersFile });
  const result = await runGit(repo, ["verify-commit", commit], {
    env: { ...env, TMPDIR: repo.tmpDir },
  });
  const found = /^Good "git" signature for (.+) with (\S+ key \S+)$/m.exec(result.stderr);
  if (result.exitCode === 0 && found)
    return { kind: "good", principal: found[1] ?? "", key: found[2] ?? "" };
  if (result.stderr.trim() !== "") return { kind: "bad", reason: reasonOf(result) };
  // The barred program of another format says nothing, and neither does git where there is no signature.
  const raw = (await gitOutput(repo, ["cat-file", "commit", commit])).toString("latin1");
  return /^gpgsig(-sha256)? /m.test(raw.slice(0, raw.indexOf("\n\n")))
    ? { kind: "bad", reason: "the signature is not one of ssh" }
    : { kind: "unsigned" };
}

/** Neither the settings of a repository nor a signature's own format choose the program that is run. */
function gitSettings(more: Readonly<Record<string, string>>): Record<string, string> {
  const settings = {
    "gpg.format": "ssh",
    "gpg.program": "false",
    "gpg.x509.program": "false",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.revocationFile": "",
    ...more,
  };
  const pairs = Object.entries(settings).flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(Object.keys(settings).length), ...Object.fromEntries(pairs) };
}

function refuse(what: string): never {
  throw new GitError("invalid-argument", `signing key: ${what}`);
}
