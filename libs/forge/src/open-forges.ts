import type { ForgeConfig } from "@council/contracts";
import type { Forge } from "./forge.ts";
import { giteaForge } from "./gitea-forge.ts";
import { githubForge } from "./github-forge.ts";
import { gitlabForge } from "./gitlab-forge.ts";

/** The forge of a repository, by the repository's id; undefined when it has none. */
export type Forges = (repository: string) => Forge | undefined;

/** Nothing is connected to before the first call of a forge. */
export function openForges(
  repositories: ReadonlyMap<string, { readonly forge?: ForgeConfig }>,
): Forges {
  const open = new Map<string, Forge>();
  for (const [id, { forge }] of repositories) if (forge) open.set(id, forgeOf(forge));
  return (repository) => open.get(repository);
}

function forgeOf(config: ForgeConfig): Forge {
  switch (config.kind) {
    case "github":
      return githubForge(config);
    case "gitea":
      return giteaForge(config);
    case "gitlab":
      return gitlabForge(config);
  }
}
