/**
 * What people have to say before a held patch goes on: steps in order, each with how many and who. One
 * person counts once for a patch, and the author of the patch never does.
 */
import type { Delegation } from "./delegation.ts";
import { hasRole, type Operator, type OperatorRole } from "./operator.ts";
import { isInForce } from "./stop.ts";

export interface ApprovalStep {
  readonly name: string;
  readonly count: number;
  /** Names of those who may approve here; with `roles` either is enough. */
  readonly operators?: readonly string[];
  /** Where neither is said: `approver`. */
  readonly roles?: readonly OperatorRole[];
}

/** One person's yes to one candidate. */
export interface Approval {
  readonly step: string;
  readonly by: string;
  /** Whom `by` stands in for. */
  readonly onBehalfOf?: string;
  readonly reason: string;
  readonly at: number;
}

/** What a step has and still needs. */
export interface StepProgress {
  readonly name: string;
  readonly needed: number;
  readonly given: readonly Approval[];
  readonly operators: readonly string[];
  readonly roles: readonly OperatorRole[];
}

export function progressOf(
  steps: readonly ApprovalStep[],
  given: readonly Approval[],
): StepProgress[] {
  return steps.map((step) => ({
    name: step.name,
    needed: step.count,
    given: given.filter((approval) => approval.step === step.name),
    operators: step.operators ?? [],
    roles: rolesOf(step),
  }));
}

/** The step whose turn it is; undefined when nothing is missing. */
export function openStep(
  steps: readonly ApprovalStep[],
  given: readonly Approval[],
): ApprovalStep | undefined {
  const open = progressOf(steps, given).find((step) => step.given.length < step.needed);
  return steps.find(({ name }) => name === open?.name);
}

export type CountedApproval =
  | { readonly kind: "counts"; readonly step: string; readonly onBehalfOf?: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Whether this person's approval counts now, for which step and for whom. Total. */
export function countApproval(input: {
  readonly steps: readonly ApprovalStep[];
  readonly given: readonly Approval[];
  readonly by: Operator;
  readonly delegations: readonly Delegation[];
  /** Names the patch was written under. */
  readonly authors: readonly string[];
  readonly now: number;
}): CountedApproval {
  const { steps, given, by, delegations, now } = input;
  const isAuthor = (name: string) =>
    input.authors.some((author) => author.toLowerCase() === name.toLowerCase());
  const refused = (reason: string): CountedApproval => ({ kind: "refused", reason });
  if (isAuthor(by.name)) return refused(`${by.name} is the author of this patch`);
  if (given.some((approval) => approval.by === by.name || approval.onBehalfOf === by.name))
    return refused(`${by.name} has approved already`);
  const step = openStep(steps, given);
  if (!step) return refused("no approval is missing");
  if (isAskedIn(step, by)) return { kind: "counts", step: step.name };
  const lender = delegations.find(
    ({ from, to, until }) =>
      to === by.name &&
      isInForce({ until }, now) &&
      !isAuthor(from.name) &&
      isAskedIn(step, from) &&
      !given.some(({ by: other, onBehalfOf }) => other === from.name || onBehalfOf === from.name),
  );
  if (lender) return { kind: "counts", step: step.name, onBehalfOf: lender.from.name };
  return refused(`step "${step.name}" asks ${whoIn(step)}, and ${by.name} is none of them`);
}

/** An admin is asked wherever a role is, and not where people are named. */
function isAskedIn(step: ApprovalStep, who: Operator): boolean {
  const roles = rolesOf(step);
  return (step.operators?.includes(who.name) ?? false) || (roles.length > 0 && hasRole(who, roles));
}

const rolesOf = ({ operators, roles }: ApprovalStep): readonly OperatorRole[] =>
  roles ?? (operators === undefined ? ["approver"] : []);

/** Who a step asks, in words. */
export const whoIn = (step: ApprovalStep): string =>
  [
    ...(step.operators ?? []),
    ...rolesOf(step).map((role) => `a person with the role ${role}`),
  ].join(" or ");

/** Every fault of the steps of a policy, in words. */
export function stepFaults(steps: readonly ApprovalStep[]): string[] {
  const names = steps.map(({ name }) => name);
  return [
    ...(steps.length === 0 ? ["approvalSteps: nobody is asked; name at least one step"] : []),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `approvalSteps: "${name}" appears twice; name each step once`),
    ...steps
      .filter(
        ({ operators = [], roles = [], count }) =>
          roles.length === 0 && operators.length > 0 && new Set(operators).size < count,
      )
      .map(({ name }) => `approvalSteps: "${name}" asks for more people than it names; name more`),
  ];
}
