export { commandProvider, type CommandProviderOptions } from "./command-provider.ts";
export {
  readBenchmarkFile,
  readBenchmarkSet,
  type BenchmarkSet,
  type ReadBenchmarkSet,
} from "./benchmark/read-benchmark-set.ts";
export { runBenchmark, type BenchmarkOutcome } from "./benchmark/run-benchmark.ts";
export { findSandbox } from "./find-sandbox.ts";
export { recordedProvider, type RecordedProviderOptions } from "./recorded-provider.ts";
export {
  EXPLANATION_MAX_LENGTH,
  parseExplanation,
  type Explanation,
  type RenderFailureCode,
  type RenderProvider,
  type RenderResult,
  type RenderTask,
} from "./render-provider.ts";
export { runTestCommand, type TestRun, type TestRunResult } from "./run-test-command.ts";
export {
  runSandboxed,
  type KillCause,
  type ReadOnlyPath,
  type Sandbox,
  type SandboxOutcome,
  type SandboxRun,
  type SandboxSearch,
} from "./sandbox.ts";
export { removeTree } from "./remove-tree.ts";
