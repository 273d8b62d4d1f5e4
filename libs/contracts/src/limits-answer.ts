import type { Freeze, FreezeWindow, Limits, LimitUse } from "@council/domain";

/** What the calendar and the quotas of a repository keep from landing. */
export interface RepositoryLimits {
  readonly repository: string;
  readonly freezes: readonly FreezeWindow[];
  /** The freeze that holds now. */
  readonly frozen?: Freeze;
  readonly limits: Limits;
  /** Everybody of whom something counts now. */
  readonly authors: readonly LimitUse[];
}

/** As `GET /v1/limits` answers it. */
export interface LimitsAnswer {
  readonly repositories: readonly RepositoryLimits[];
}
