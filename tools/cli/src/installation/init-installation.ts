/** Makes the folder of an installation: configuration, secrets nobody has seen, a key for each head. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import { repositoriesSchema } from "@council/contracts";
import { generateHeadKey } from "@council/evidence";
import { CommandError } from "../exit-codes.ts";

export interface Wanted {
  readonly remote: string;
  readonly id?: string;
  readonly branch: string;
  readonly test?: string;
  readonly port: number;
}

const heads = ["rules", "proof", "contract"] as const;

/** Resolves to the files that were made. Throws CommandError `usage` rather than replace anything. */
export async function initInstallation(folder: string, wanted: Wanted): Promise<string[]> {
  const files = filesOf(wanted);
  await mkdir(join(folder, "keys"), { recursive: true, mode: 0o700 });
  for (const [name, text, mode] of files) {
    try {
      await writeFile(join(folder, name), text, { mode, flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      throw new CommandError(
        "usage",
        `${join(folder, name)} is there already; name another folder`,
      );
    }
  }
  return files.map(([name]) => name);
}

function filesOf(wanted: Wanted): [name: string, text: string, mode: number][] {
  const keys = heads.map((head) => ({ head, ...generateHeadKey() }));
  const keyring = Object.fromEntries(keys.map(({ head, publicKeyPem }) => [head, publicKeyPem]));
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  return [
    ["council.yaml", settingsText(wanted.port), 0o644],
    ["repositories.yaml", repositoriesText(wanted), 0o644],
    ["keyring.json", `${JSON.stringify(keyring, undefined, 2)}\n`, 0o644],
    [
      ".env",
      `COUNCIL_WEBHOOK_SECRETS=agent=${secret}\nCOUNCIL_OPERATOR_TOKEN=${randomBytes(24).toString("hex")}\n`,
      0o600,
    ],
    ...keys.map(({ head, privateKeyPem }): [string, string, number] => [
      `keys/${head}.pem`,
      privateKeyPem,
      0o600,
    ]),
  ];
}

const settingsText = (
  port: number,
) => `# Settings by their names; secrets stand in .env. All of them: council config explain --all
repositories: repositories.yaml
keyringFile: keyring.json
dataDir: data
httpPort: ${port}
redisUrl: redis://127.0.0.1:6379

# The auditors of this installation: council doctor looks for the key of each.
heads:
${heads.map((head) => `  ${head}: {}`).join("\n")}
`;

function repositoriesText({ remote, id, branch, test }: Wanted): string {
  const isPath = !/^[a-z]+:\/\//.test(remote);
  const repository = {
    id: id ?? basename(remote).replace(/\.git$/, ""),
    remote: isPath && !isAbsolute(remote) ? resolve(remote) : remote,
    targetBranch: branch,
    ...(test === undefined ? {} : { testCommand: test.split(/\s+/).filter(Boolean) }),
  };
  const checked = repositoriesSchema.safeParse({ repositories: [repository] });
  if (!checked.success) {
    const said = checked.error.issues.map(
      ({ path, message }) => `${String(path.at(-1))}: ${message}`,
    );
    throw new CommandError("usage", said.join("; "));
  }
  return `# What may be here: docs/configuration.md, "The repositories file"
repositories:
${Object.entries(repository)
  .map(([key, value], at) => `  ${at === 0 ? "-" : " "} ${key}: ${JSON.stringify(value)}`)
  .join("\n")}
    policy:
      autonomy: auto-safe # changes above tier "service" wait for a person
`;
}
