/** An RFC 9457 problem document. */
export interface Problem {
  /** URI reference that names the kind of problem. */
  readonly type: string;
  /** HTTP status, 400–599. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** JSON pointer or name of the input field at fault. */
  readonly field?: string;
  /** What the caller can do about it. */
  readonly remedy?: string;
}

export const problemContentType = "application/problem+json";

/** Builds the document with its members in reading order and nothing else in it. */
export function problem(input: Problem): Problem {
  const { type, status, title, detail, field, remedy } = input;
  return {
    type,
    status,
    title,
    detail,
    ...(field === undefined ? {} : { field }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}
