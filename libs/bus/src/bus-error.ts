/** `closed`: the bus was closed under the call. `bad-input`: the caller broke the contract. `bad-reply`: the server answered what it never should. `group-lost`: a consumer group had to be made again. `unanswered`: the server took too long. */
export type BusErrorCode = "closed" | "bad-input" | "bad-reply" | "group-lost" | "unanswered";

/** The one error this package throws; outcomes that can happen in a sound system are values instead. */
export class BusError extends Error {
  readonly code: BusErrorCode;
  constructor(code: BusErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "BusError";
    this.code = code;
  }
}
