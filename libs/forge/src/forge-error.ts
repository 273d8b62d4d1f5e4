/** The closed list of ways a forge fails. */
export type ForgeErrorCode =
  /** The credential is missing or refused. */
  | "unauthorized"
  /** The change or the project is not there, or not for this credential. */
  | "not-found"
  /** Asked too often; nothing is asked again before `retryAfterMs` are over. */
  | "rate-limited"
  | "unreachable"
  /** The forge understood and said no. */
  | "refused"
  /** An answer that does not fit what the forge documents. */
  | "malformed";

/** Thrown when a forge fails in a way no outcome union names. Its message holds no credential. */
export class ForgeError extends Error {
  readonly code: ForgeErrorCode;
  readonly retryAfterMs: number;

  constructor(code: ForgeErrorCode, message: string, retryAfterMs = 0) {
    super(message);
    this.name = "ForgeError";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same call can never succeed, however often it is made. */
  get isFinal(): boolean {
    return this.code === "not-found" || this.code === "refused";
  }
}
