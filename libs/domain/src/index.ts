export type * from "./patch/patch.ts";
export type * from "./patch/command.ts";
export type * from "./patch/event.ts";
export type * from "./patch/effect.ts";
export type * from "./patch/state.ts";
export { restingKinds } from "./patch/state.ts";
export type { Decision, Facts } from "./patch/decision.ts";
export { decide } from "./patch/decide.ts";
export { carriedHeads, type EndedRound } from "./patch/carried-votes.ts";
export { beyondApproval, isExpiring } from "./patch/decide-approval.ts";
export { holdSentence } from "./patch/hold-sentence.ts";
export { sentence } from "./patch/decide-revert.ts";
export { evolve } from "./patch/evolve.ts";
export { recoveryWords } from "./patch/recovery.ts";
export {
  type BinomialInterval,
  binomialInterval,
  upperBound,
} from "./accuracy/binomial-interval.ts";
export {
  type AccuracyJudgement,
  type BenchmarkScore,
  judgeAccuracy,
  ratioOf,
} from "./accuracy/judge-accuracy.ts";
export {
  areIndependent,
  type Claim,
  claimOf,
  moduleOf,
  type Reach,
  usedWords,
  wordsOf,
} from "./claim.ts";
export { type Harm, rankSuspects, type Suspect, type Suspicion } from "./attribution.ts";
export type {
  FreshWatch,
  LaneBlame,
  LaneCommand,
  LaneDecision,
  LaneGrant,
  LaneShare,
  LaneState,
  SeenHarm,
} from "./lane.ts";
export {
  type LandedChange,
  type PlannedStep,
  planRollback,
  type RollbackPlan,
  type Trial,
  type TrialOutcome,
} from "./plan-rollback.ts";
export * from "./governance/approval.ts";
export * from "./governance/control.ts";
export type { Delegation } from "./governance/delegation.ts";
export { freezeAt, type Freeze, type FreezeWindow, weekdays } from "./governance/freeze.ts";
export { type Governance, ungoverned } from "./governance/governance.ts";
export { countedAuthor, type Limits } from "./governance/limits.ts";
export { type LimitUse, limitUse } from "./governance/limit-use.ts";
export * from "./governance/repository-record.ts";
export { grantedPaths, pathRefusal, type SenderPaths } from "./governance/sender-paths.ts";
export {
  builderStop,
  headStop,
  isSameScope,
  landingStop,
  scopeWords,
  type Stop,
  type StopScope,
  stopScopes,
  stopSentence,
} from "./governance/stop.ts";
export { waive, type Waiver } from "./governance/waiver.ts";
export { hasRole, type Operator, type OperatorRole, operatorRoles } from "./governance/operator.ts";
export { decideLane, emptyLane } from "./lane.ts";
export { type LookAhead, suiteHeads } from "./look-ahead.ts";
export type { Autonomy, Policy, Seat, Stage, Tier } from "./policy.ts";
export { isTierAbove, mayLandAlone, policyFaults } from "./policy.ts";
export { explainPolicy } from "./policy-words.ts";
export { matchesPattern, matchesPatternInAnyCase } from "./path-pattern.ts";
export { rampedStages } from "./ramped-stages.ts";
export { defaultPolicy, defaultRules, inFull } from "./default-policy.ts";
export type { Finding, Reason, Requirement, Verdict, Vote, VoteBinding } from "./quorum.ts";
export { verdictOf } from "./quorum.ts";
export type {
  Arm,
  Metric,
  Rule,
  SequentialLimitRule,
  SequentialRule,
  ShareRule,
  Statistic,
  TestRule,
  WindowRule,
} from "./observation/rule.ts";
export { metricUnits } from "./observation/rule.ts";
export type { Evidence, Lack, Observation, RuleReading } from "./observation/observation.ts";
export type { ArmValues } from "./observation/arm-values.ts";
export type { Sample } from "./observation/samples.ts";
export {
  advanceTest,
  beginTest,
  logEvidenceOf,
  type TestState,
} from "./observation/sequential-test.ts";
export { readTest } from "./observation/read-test.ts";
export { judge, type Moment } from "./observation/judge.ts";
export type { Look, WatchState } from "./observation/watch.ts";
export { conclude, observe, startWatch } from "./observation/watch.ts";
export { levelAt, type RowPlace } from "./observation/e-lond.ts";
export {
  type ArmMeans,
  armNoiseOf,
  calibrateTolerance,
} from "./observation/calibrate-tolerance.ts";
export type * from "./independence.ts";
export { explanationAgreement, independenceOf } from "./independence.ts";
export type { Observer } from "./ports.ts";
export type { SpendDecision, SpendGuard, SpendRequest } from "./budget/spend-guard.ts";
export type * from "./why-card.ts";
export { whyCardOf } from "./why-card.ts";
export { type ShadowRecord, shadowReport } from "./shadow-report.ts";
export type * from "./budget/spend-ledger.ts";
export {
  degradedReason,
  statusAccounts,
  stopReason,
  suspensionsOf,
} from "./budget/spend-ledger.ts";
export * from "./budget/spend-accounts.ts";
export * from "./budget/spend-entries.ts";
export * from "./budget/spend-outlook.ts";
