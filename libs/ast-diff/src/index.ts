export { blankComments } from "./blank-comments.ts";
export type { Caps, EscalationReason } from "./caps.ts";
export type {
  ChangedFile,
  ChangeInput,
  ChangeReport,
  FileChange,
  SymbolChange,
  SymbolKind,
} from "./change-report.ts";
export { compareRenders } from "./compare-renders.ts";
export type {
  Comparison,
  ComparisonFacts,
  Divergence,
  DivergenceCategory,
  FileComparison,
  FileVersion,
  LevelFacts,
  RenderedFile,
  RenderInput,
  Span,
} from "./comparison.ts";
export type {
  BindingRename,
  DiffInput,
  DiffResult,
  EditOperation,
  FileDiff,
  ParserName,
  SourceSpan,
  Variance,
} from "./diff-result.ts";
export { diffFiles } from "./diff-files.ts";
export { normalForm } from "./normal-form.ts";
export type { NormalForm } from "./normal-form.ts";
export { loadParsers } from "./parsers.ts";
export { createReadings } from "./readings.ts";
export type { Readings } from "./readings.ts";
export { reportChange } from "./report-change.ts";
export type { Tree } from "./tree.ts";
export { sideBySide } from "./side-by-side.ts";
export type { Mark, Segment, SideBySide, SideLine, SideRow } from "./side-by-side.ts";
export { readableLanguages } from "./languages/load-readers.ts";
