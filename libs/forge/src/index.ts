export { ForgeError, type ForgeErrorCode } from "./forge-error.ts";
export {
  type Annotation,
  type Change,
  type Forge,
  isLabelled,
  type Label,
  type MergeOutcome,
  type MergeRequest,
  type Report,
  type ReportStatus,
  type Role,
  roles,
} from "./forge.ts";
export { type Forges, openForges } from "./open-forges.ts";
export { quoted } from "./report-text.ts";
