import { readFile } from "node:fs/promises";
import { policyOf, type RepositoryConfig, repositoriesSchema } from "@council/contracts";
import { RuntimeError } from "./runtime-error.ts";

/** The repositories an operator put under guard, by id. */
export type Repositories = ReadonlyMap<string, RepositoryConfig>;

/**
 * Reads the repositories file (YAML or JSON). Throws RuntimeError `configuration-refused` that names
 * every fault at once: an unknown field, a policy that could never hold, an id used twice.
 */
export async function loadRepositories(path: string): Promise<Repositories> {
  const { parse } = await import("yaml");
  const read = await readFile(path, "utf8").catch((error: unknown) => {
    throw refused(`cannot be read (${error instanceof Error ? error.message : String(error)})`);
  });
  const parsed = repositoriesSchema.safeParse(readYaml(parse, read));
  if (!parsed.success) {
    throw refused(
      parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
    );
  }
  const faults = parsed.data.repositories.flatMap((repository) => {
    const policy = policyOf(repository);
    return policy.kind === "faulty"
      ? policy.faults.map((fault) => `${repository.id}: ${fault}`)
      : [];
  });
  const ids = parsed.data.repositories.map((repository) => repository.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (faults.length + twice.length > 0)
    throw refused([...faults, ...twice.map((id) => `${id}: used twice`)].join("; "));
  return new Map(parsed.data.repositories.map((repository) => [repository.id, repository]));
}

function readYaml(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw refused(
      `is no YAML (${error instanceof Error ? error.message.split("\n")[0] : "malformed"})`,
    );
  }
}

function refused(reason: string): RuntimeError {
  return new RuntimeError("configuration-refused", `COUNCIL_REPOSITORIES: ${reason}`);
}
