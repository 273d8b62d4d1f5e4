export type RuntimeErrorCode = "configuration-refused" | "listen-failed";

/**
 * The outside refused the process. The message is one sentence for the operator.
 * `configuration-refused` is also what a service's `start` throws when a dependency is set up in a
 * way Council must not run on; the process then ends with exit code 78.
 */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;

  constructor(code: RuntimeErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "RuntimeError";
    this.code = code;
  }
}
