export { applyDiff, type ApplyDiff, type ApplyOutcome } from "./apply-diff.ts";
export {
  ensureBranch,
  syncBranch,
  type EnsureOutcome,
  type SyncBranch,
  type SyncOutcome,
} from "./branches.ts";
export { cancelLanding, type CancelLanding, type CancelOutcome } from "./cancel-landing.ts";
export { readFence, type Barred, type Fence, type FenceReading } from "./fence.ts";
export { captureTree, type CaptureOutcome, type CaptureTree } from "./capture-tree.ts";
export {
  findTrailers,
  parseTrailers,
  EFFECT_TRAILER,
  REVERTS_TRAILER,
  SYNC_TRAILER,
  type CommitText,
  type Identity,
  type TrailerMatch,
} from "./commit.ts";
export type { Refusal, RefusalCode } from "./diff-refusal.ts";
export { GitError, type GitErrorCode } from "./git-error.ts";
export { isBranchName, isObjectId } from "./git-names.ts";
export { inspectCommit, type InspectedCommit } from "./inspect-commit.ts";
export {
  isLanded,
  landTree,
  type LandedOutcome,
  type Landing,
  type LandOutcome,
  type LandTree,
} from "./land-tree.ts";
export { lostLandings, type LostLanding } from "./lost-landings.ts";
export {
  DEFAULT_TREE_LIMITS,
  materialise,
  type MaterialiseOutcome,
  type TreeLimits,
} from "./materialise.ts";
export type { ConflictHunk } from "./merge-blobs.ts";
export {
  fetchBranches,
  fetchCommit,
  openMirror,
  resolveBranch,
  type FetchOutcome,
  type Mirror,
  type OpenMirror,
  type RemoteAccess,
} from "./mirror.ts";
export { DEFAULT_DIFF_LIMITS, type DiffLimits } from "./parse-diff.ts";
export {
  revertLanding,
  type RevertLanding,
  type RevertOutcome,
  type VerifyOutcome,
} from "./revert-landing.ts";
export {
  diffBytes,
  diffText,
  diffTrees,
  hasCommit,
  listTree,
  readBlob,
  readFile,
  treeOf,
  type BlobOutcome,
  type TreeChange,
  type TreeEntry,
} from "./tree-reading.ts";
export { fetchPull, type PullOutcome } from "./fetch-ref.ts";
export { type AccessFiles } from "./read-access.ts";
export { openMirrors, type Mirrors } from "./open-mirrors.ts";
export { checkSigning, type SignatureCheck, type Signing } from "./sign-commit.ts";
export { commitsSince, tryReverts, type BranchCommit, type TrialRun } from "./try-reverts.ts";
