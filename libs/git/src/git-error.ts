/** The closed list of ways git, the disk or the remote can fail outside the outcome unions. */
export type GitErrorCode =
  | "git-missing"
  | "git-too-old"
  | "timeout"
  | "output-too-large"
  | "unreachable"
  | "missing-object"
  | "invalid-argument"
  | "unsafe-directory"
  | "failed";

/** Thrown when the outside fails in a way no outcome union names. */
export class GitError extends Error {
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string) {
    super(message);
    this.name = "GitError";
    this.code = code;
  }
}
