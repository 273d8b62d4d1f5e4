/** How often each disturbance may still happen. */
export interface Budget {
  readonly baseMoves: number;
  readonly pauses: number;
  /** Stops of one patch, which then leaves the lane to others. */
  readonly stops: number;
  /** Twins of the git performer that were stopped between look and push. */
  readonly zombies: number;
  /** Kills of the git performer between a push and its answer. */
  readonly crashes: number;
  readonly rollbacks: number;
  /** Rollbacks of all patches together, the last first. */
  readonly jointRollbacks: number;
  readonly approvals: number;
  readonly denials: number;
  readonly withdrawals: number;
  /** How often the money may run out. */
  readonly shortages: number;
}

export const nothing: Budget = {
  baseMoves: 0,
  pauses: 0,
  stops: 0,
  zombies: 0,
  crashes: 0,
  rollbacks: 0,
  jointRollbacks: 0,
  approvals: 0,
  denials: 0,
  withdrawals: 0,
  shortages: 0,
};
