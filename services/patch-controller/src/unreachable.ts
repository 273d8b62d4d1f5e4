/** The repository could not be asked, so nothing is known: the message is tried again later. */
export class RepositoryUnreachable extends Error {
  readonly code = "unreachable";
}

/** Passes on what git answered; throws when there was no answer, which the consumer loop retries. */
export function mustReach<Answer extends { kind: string }>(
  answer: Answer,
): Exclude<Answer, { kind: "unreachable" }> {
  if (answer.kind === "unreachable") {
    const { reason } = answer as { reason?: string };
    throw new RepositoryUnreachable(reason ?? "the repository does not answer");
  }
  return answer as Exclude<Answer, { kind: "unreachable" }>;
}
