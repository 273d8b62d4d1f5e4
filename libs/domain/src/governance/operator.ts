/**
 * What a person may do. `viewer` reads; `operator` acts on patches, stops and queues; `approver` says yes
 * or no where the policy asks a person; `admin` may do everything, and alone waive and bypass.
 */
export const operatorRoles = ["viewer", "operator", "approver", "admin"] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** Who acts: a name that a token has proven, and what it may do. */
export interface Operator {
  readonly name: string;
  readonly roles: readonly OperatorRole[];
}

/** Whether one of these roles is held. An admin holds all of them, and everybody may look. */
export function hasRole({ roles }: Operator, wanted: readonly OperatorRole[]): boolean {
  if (wanted.includes("viewer") || roles.includes("admin")) return true;
  return roles.some((role) => wanted.includes(role));
}
