import type { Operator } from "./operator.ts";

/** An approver names a stand-in until a time. What the stand-in may do is what `from` could do then. */
export interface Delegation {
  readonly from: Operator;
  readonly to: string;
  readonly until: number;
  readonly actor: string;
  readonly reason: string;
  readonly since: number;
}
