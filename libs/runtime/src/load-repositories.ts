import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  type CheckedPolicy,
  checkPolicy,
  policyOf,
  type RepositoryConfig,
  repositoriesSchema,
  type WrittenFault,
  writtenFaults,
} from "@council/contracts";
import { RuntimeError } from "./runtime-error.ts";

/** The repositories an operator put under guard, by id. */
export type Repositories = ReadonlyMap<string, RepositoryConfig>;

export type ReadFile =
  | { readonly kind: "read"; readonly value: unknown }
  | { readonly kind: "faulty"; readonly faults: readonly WrittenFault[] };

/**
 * Reads the repositories file (YAML or JSON) and the policy files it names. Throws RuntimeError
 * `configuration-refused` that names every fault at once: an unknown field, a policy that could never
 * hold, an id used twice.
 */
export async function loadRepositories(path: string): Promise<Repositories> {
  const read = await readWritten(path);
  if (read.kind === "faulty") throw refused(read.faults);
  const parsed = repositoriesSchema.safeParse(read.value);
  if (!parsed.success) throw refused(writtenFaults(parsed.error.issues));
  const loaded = await Promise.all(
    parsed.data.repositories.map((repository) =>
      withPolicyFile(withPlacedFiles(repository, dirname(path)), dirname(path)),
    ),
  );
  const repositories = loaded.map(({ repository }) => repository);
  const ids = repositories.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const faults = [
    ...loaded.flatMap((each) => each.faults),
    ...repositories.flatMap(accessFaults),
    ...twice.map((id) => ({ field: id, problem: "used twice", remedy: "give each its own id" })),
  ];
  if (faults.length > 0) throw refused(faults);
  return new Map(repositories.map((repository) => [repository.id, repository]));
}

/**
 * Checks one policy file (YAML or JSON) as an operator wrote it. Never rejects: a file that cannot be
 * read is a fault like any other.
 */
export async function readPolicyFile(path: string): Promise<CheckedPolicy> {
  const read = await readWritten(path);
  return read.kind === "faulty" ? read : checkPolicy(read.value);
}

/** Credential files and benchmark sets stand relative to the repositories file, as policy files do. */
function withPlacedFiles(repository: RepositoryConfig, folder: string): RepositoryConfig {
  const { access, forge, benchmark } = repository;
  const placed = <Parts extends object>(parts: Parts): Parts =>
    Object.fromEntries(
      Object.entries(parts).map(([key, value]: [string, unknown]) =>
        key.endsWith("File") && typeof value === "string"
          ? [key, resolve(folder, value)]
          : [key, value],
      ),
    ) as Parts;
  return {
    ...repository,
    ...(access ? { access: placed(access) } : {}),
    ...(benchmark ? { benchmark: { ...benchmark, set: resolve(folder, benchmark.set) } } : {}),
    ...(forge ? { forge: { ...forge, auth: placed(forge.auth) } as typeof forge } : {}),
  };
}

function accessFaults({ id, remote, access }: RepositoryConfig): WrittenFault[] {
  if (access === undefined) return [];
  const scheme = access.kind === "token" ? "https://" : "ssh://";
  if (remote.startsWith(scheme)) return [];
  const problem = `of kind ${access.kind} does not fit the remote`;
  return [{ field: `${id}: access`, problem, remedy: `give a remote that begins with ${scheme}` }];
}

async function withPolicyFile(
  repository: RepositoryConfig,
  folder: string,
): Promise<{ repository: RepositoryConfig; faults: readonly WrittenFault[] }> {
  const { id, policyFile } = repository;
  const inRepository = (fault: WrittenFault) => ({ ...fault, field: `${id}: ${fault.field}` });
  if (policyFile === undefined) {
    const policy = policyOf(repository);
    const faults = policy.kind === "faulty" ? policy.faults : [];
    return { repository, faults: faults.map(inRepository) };
  }
  if (Object.keys(repository.policy).length > 0) {
    const fault = { field: "policyFile", problem: "there is a policy here already" };
    return {
      repository,
      faults: [inRepository({ ...fault, remedy: "keep either policy or policyFile" })],
    };
  }
  const checked = await readPolicyFile(resolve(folder, policyFile));
  if (checked.kind === "faulty") return { repository, faults: checked.faults.map(inRepository) };
  return { repository: { ...repository, policy: checked.changes }, faults: [] };
}

/** Reads a file an operator wrote, YAML or JSON. Never rejects: what cannot be read is a fault. */
export async function readWritten(path: string): Promise<ReadFile> {
  const { parseDocument } = await import("yaml");
  const faulty = (problem: string, remedy: string): ReadFile => ({
    kind: "faulty",
    faults: [{ field: path, problem, remedy }],
  });
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return faulty(`cannot be read (${reason})`, "give the path of a readable file");
  }
  const document = parseDocument(text);
  const broken = document.errors.map(({ message }) => message.split("\n")[0] ?? "malformed");
  if (broken.length > 0) return faulty(`is no YAML (${broken.join("; ")})`, "correct it there");
  try {
    return { kind: "read", value: document.toJS() as unknown };
  } catch {
    return faulty("has too many aliases", "write the values out"); // each one multiplies the last
  }
}

function refused(faults: readonly WrittenFault[]): RuntimeError {
  const text = faults.map(({ field, problem, remedy }) => `${field}: ${problem}; ${remedy}`);
  return new RuntimeError("configuration-refused", `COUNCIL_REPOSITORIES: ${text.join(". ")}`);
}
