export { type DrillReports, readDrillReports } from "./drill-reports.ts";
export type { Log, LogLevel, LogMethod } from "./log.ts";
export { createLog, logLevels } from "./log.ts";
export type {
  BoundedCounter,
  BoundedGauge,
  BoundedHistogram,
  LabelValues,
  Metrics,
  MetricShape,
} from "./metrics.ts";
export { createMetrics } from "./metrics.ts";
export type { Check, CheckOutcome, Operations } from "./operations-server.ts";
export { serveOperations } from "./operations-server.ts";
export type { Problem } from "./problem.ts";
export { problem, problemContentType } from "./problem.ts";
export { redactLine, redactText, registerSecret } from "./redaction.ts";
export { secretWeakness } from "./secret-strength.ts";
export type { RunningService, Service, ServiceContext } from "./run-service.ts";
export { fileSettings, findSettingsFiles } from "./find-settings-files.ts";
export { exitCodes, processSettings, runService } from "./run-service.ts";
export type { RuntimeErrorCode } from "./runtime-error.ts";
export { RuntimeError } from "./runtime-error.ts";
export type { Setting, SettingKind, SettingsDefinition, SettingValues } from "./setting.ts";
export type { LoadedSettings, Provenance, SettingFault, SettingRow } from "./settings.ts";
export {
  defineSettings,
  describeSettings,
  type ExplainedSetting,
  explainSettings,
  formatFaults,
  loadSettings,
} from "./settings.ts";
export { type FileSections, readSections } from "./setting-files.ts";
export { knownNames } from "./known-names.ts";
export { nearestName } from "./nearest-name.ts";
export { namesOf } from "./unknown-names.ts";
export type { Repositories } from "./load-repositories.ts";
export { loadRepositories, readPolicyFile, readWritten } from "./load-repositories.ts";
export { describeSpan, isTracing, recordSpan, stamped } from "./tracing.ts";
export { spendAlerts, spendRules, spendSettings } from "./spend-settings.ts";
export type { WorkEvent, WorkSource } from "./worker.ts";
export { busSettings, checkBus, reportWork, repositorySettings, serveWorker } from "./worker.ts";
export {
  modelCalls,
  modelKeyOf,
  modelNews,
  modelReadiness,
  modelSettings,
} from "./model-settings.ts";
export { watchParent } from "./parent-watch.ts";
