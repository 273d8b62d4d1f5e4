export {
  type AccuracyBaselineSet,
  type BaselineEntry,
  baselineBodySchema,
  baselineSubject,
  benchmarkScoreSchema,
  isBaselineSubject,
  setBaselineSchema,
  type StoredBaseline,
} from "./accuracy-baseline.ts";
export { answer } from "./answer.ts";
export type { StoredWatch, TracedRule, TracePoint, WatchTrace } from "./watch-trace.ts";
export {
  type DrillContent,
  drillContentSchema,
  type DrillReport,
  drillReportSchema,
  type DrillRun,
} from "./drill-report.ts";
export * from "./names.ts";
export { inheritedMetrics } from "./metric-names.ts";
export * from "./patch-schema.ts";
export {
  type IncomingCommand,
  patchCommandSchema,
  patchSchema,
  voteSchema,
} from "./patch-command.ts";
export {
  type Assignment,
  assignmentSchema,
  type PatchBrief,
  readAssignment,
  type SampleBatch,
  sampleBatchSchema,
} from "./assignment.ts";
export { idAfter } from "./message-id.ts";
export { type TestAhead, testAheadSchema } from "./test-ahead.ts";
export * from "./http-body.ts";
export { waivableRules } from "./waivable-rules.ts";
export {
  type BenchmarkConfig,
  policyOf,
  repositoriesSchema,
  type RepositoryConfig,
  repositorySchema,
} from "./repository.ts";
export {
  type CheckedPolicy,
  checkPolicy,
  type PolicyChanges,
  type WrittenFault,
  writtenFaults,
} from "./check-policy.ts";
export {
  type OtlpAttributes,
  type OtlpMetric,
  type OtlpMetrics,
  otlpMetricsSchema,
  otlpNames,
} from "./otlp-metrics.ts";
export {
  type SampleSource,
  sampleSourceSchema,
  type SourceLook,
  sourceLookSchema,
  type SourceQuery,
} from "./sample-source.ts";
export { type Steered, type Traffic, type TrafficOrder, trafficSchema } from "./traffic.ts";
export { type Notice, noticeLevels, noticeSchema } from "./notice.ts";
export {
  type OperatorEntry,
  operatorNameSchema,
  operatorSchema,
  operatorsSchema,
} from "./operators.ts";
export { whyCardSchema } from "./why-card-schema.ts";
export type { LimitsAnswer, RepositoryLimits } from "./limits-answer.ts";
export type { ApprovalProgress, PatchDetail, PatchSummary } from "./patch-answer.ts";
export type { BranchPlan, ConflictSides, RevertPlanAnswer } from "./revert-plan-answer.ts";
export { type EvidenceBundle, evidenceBundleSchema } from "./evidence-bundle.ts";
export {
  type GovernanceEntry,
  type LedgerEntry,
  readControl,
  type StoredControl,
  type StoredPatch,
  type StoredRecord,
} from "./ledger-entry.ts";
export {
  controlCommandSchema,
  type IncomingControl,
  recordCommandSchema,
  scopeSchema,
} from "./governance-schema.ts";
export {
  type AccessConfig,
  accessSchema,
  changeName,
  changeNumber,
  type ForgeConfig,
  type ForgeKind,
  forgeSchema,
  proposalRef,
} from "./forge.ts";
