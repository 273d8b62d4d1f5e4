/** Who may act: the operators file, and the one shared token that makes an admin without a file. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type OperatorEntry, operatorsSchema, writtenFaults } from "@council/contracts";
import type { Operator } from "@council/domain";
import { readWritten, registerSecret, RuntimeError, secretWeakness } from "@council/runtime";

/** An operator, known by the SHA-256 of the token. */
export interface KnownOperator extends Operator {
  /** Lower-case hexadecimal. */
  readonly tokenSha256: string;
  /** Several people may hold this token: whoever acts says who it was. */
  readonly isShared?: boolean;
}

/** The name the shared token acts under where nobody says who it was. */
export const sharedName = "operator";

export interface OperatorSources {
  readonly operatorsFile?: string | undefined;
  readonly operatorToken?: string | undefined;
}

/**
 * Throws RuntimeError `configuration-refused` that names every fault and never a token: a weak token, one
 * token for two people, a name used twice, or nobody who is an admin.
 */
export async function loadOperators(
  { operatorsFile, operatorToken }: OperatorSources,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<readonly KnownOperator[]> {
  const shared: KnownOperator[] =
    operatorToken === undefined
      ? []
      : [
          {
            name: sharedName,
            roles: ["admin"],
            tokenSha256: hashed(operatorToken),
            isShared: true,
          },
        ];
  const named = operatorsFile === undefined ? [] : await readOperators(operatorsFile, env);
  const operators = [...shared, ...named];
  const faults = [
    ...repeated(operators.map(({ name }) => name)).map(
      (name) => `two operators are called ${name}`,
    ),
    ...(repeated(operators.map(({ tokenSha256 }) => tokenSha256)).length > 0
      ? ["two operators have the same token"]
      : []),
    ...(operators.some(({ roles }) => roles.includes("admin"))
      ? []
      : ["nobody is an admin; set COUNCIL_OPERATOR_TOKEN, or give somebody the role in the file"]),
  ];
  if (faults.length > 0) throw refused(faults);
  return operators;
}

async function readOperators(path: string, env: Readonly<Record<string, string | undefined>>) {
  const read = await readWritten(path);
  if (read.kind === "faulty") throw refused(read.faults.map(({ problem }) => `${path} ${problem}`));
  const parsed = operatorsSchema.safeParse(read.value);
  if (!parsed.success)
    throw refused(
      writtenFaults(parsed.error.issues).map(
        ({ field, problem, remedy }) => `${field}: ${problem}; ${remedy}`,
      ),
    );
  const faults: string[] = [];
  const operators: KnownOperator[] = [];
  for (const entry of parsed.data.operators) {
    const found = await tokenOf(entry, dirname(path), env);
    if (found.kind === "faulty") faults.push(`the token of ${entry.name} ${found.problem}`);
    else operators.push({ name: entry.name, roles: entry.roles, tokenSha256: found.tokenSha256 });
  }
  if (faults.length > 0) throw refused(faults);
  return operators;
}

type FoundToken =
  | { readonly kind: "found"; readonly tokenSha256: string }
  | { readonly kind: "faulty"; readonly problem: string };

async function tokenOf(
  { tokenSha256, tokenFile, tokenEnv }: OperatorEntry,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundToken> {
  if (tokenSha256 !== undefined) {
    const isEmpty = tokenSha256 === hashed("");
    return isEmpty ? faulty("is the hash of nothing") : { kind: "found", tokenSha256 };
  }
  const token = await secretFrom({ tokenFile, tokenEnv }, folder, env);
  if (token === undefined)
    return faulty(`is not there: ${tokenFile ?? tokenEnv ?? ""} cannot be read`);
  const weakness = secretWeakness(token);
  if (weakness !== undefined)
    return faulty(`${weakness}: use 16 random characters or more (openssl rand -hex 24)`);
  registerSecret(token);
  return { kind: "found", tokenSha256: hashed(token) };
}

const faulty = (problem: string): FoundToken => ({ kind: "faulty", problem });

async function secretFrom(
  { tokenFile, tokenEnv }: { tokenFile?: string | undefined; tokenEnv?: string | undefined },
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  if (tokenEnv !== undefined) return env[tokenEnv]?.trim();
  const text = await readFile(resolve(folder, tokenFile ?? ""), "utf8").catch(() => undefined);
  return text?.trim();
}

/** What a token is known by. */
export const hashed = (token: string) => createHash("sha256").update(token).digest("hex");

const repeated = (names: readonly string[]) => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

function refused(faults: readonly string[]): RuntimeError {
  return new RuntimeError("configuration-refused", `COUNCIL_OPERATORS: ${faults.join(". ")}`);
}
