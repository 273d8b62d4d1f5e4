import type { Label, Role } from "./forge.ts";

/**
 * The labels with who set each, and in which role. `setters` is undefined when the history is longer than was
 * read: it might end with another hand, so nobody is taken for the setter and no label has a role.
 */
export async function attribute(
  names: readonly string[],
  setters: ReadonlyMap<string, string> | undefined,
  roleOf: (login: string) => Promise<Role>,
): Promise<Label[]> {
  const labels: Label[] = [];
  for (const name of names) {
    const setBy = setters?.get(name);
    if (setBy) labels.push({ name, setBy, role: await roleOf(setBy) });
    else labels.push({ name, role: "none" });
  }
  return labels;
}
