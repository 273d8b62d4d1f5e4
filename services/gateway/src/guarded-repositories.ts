import { type ForgeKind, policyOf, type RepositoryConfig } from "@council/contracts";
import { defaultRules, type Policy } from "@council/domain";
import { type Repositories, RuntimeError } from "@council/runtime";
import { GatewayError } from "./problems.ts";

/** A repository with the policy its next patch is judged by. */
export interface Guarded {
  readonly config: RepositoryConfig;
  readonly policy: Policy;
}

export interface GuardedRepositories {
  readonly all: readonly Guarded[];
  /** Throws GatewayError `repository-unknown`. */
  readonly byId: (id: string) => Guarded;
  /** By the forge's name; undefined when none is configured. */
  readonly byProject: (kind: ForgeKind, fullName: string) => Guarded | undefined;
}

/**
 * Applies the operator's limits to the default policy; what a repository says itself wins. Throws
 * RuntimeError `configuration-refused` when a policy could then never hold.
 */
export function guardRepositories(
  repositories: Repositories,
  limits: { readonly rollbackTimeoutMs: number; readonly accuracyThreshold: number },
): GuardedRepositories {
  const rules = defaultRules.map((rule) =>
    rule.id === "accuracy-floor" ? { ...rule, limit: limits.accuracyThreshold } : rule,
  );
  const defaults = { rollbackTimeoutMs: limits.rollbackTimeoutMs, rules };
  const all = [...repositories.values()].map((config): Guarded => {
    const policy = policyOf({ ...config, policy: { ...defaults, ...config.policy } });
    if (policy.kind === "faulty") {
      const faults = policy.faults.map((fault) => `${fault.field}: ${fault.problem}`);
      throw new RuntimeError("configuration-refused", `${config.id}: ${faults.join("; ")}`);
    }
    return { config, policy: policy.policy };
  });
  const byId = new Map(all.map((guarded) => [guarded.config.id, guarded]));
  return {
    all,
    byId: (id) => {
      const found = byId.get(id);
      if (found) return found;
      throw new GatewayError("repository-unknown", {
        field: "repository",
        detail: "no repository of this id is under guard",
        remedy: "use an id from the repositories file, or add the repository there",
      });
    },
    byProject: (kind, fullName) =>
      all.find(({ config }) => projectOf(config, kind)?.toLowerCase() === fullName.toLowerCase()),
  };
}

function projectOf({ github, forge }: RepositoryConfig, kind: ForgeKind): string | undefined {
  if (forge?.kind === kind) return forge.project;
  return kind === "github" ? github : undefined;
}
