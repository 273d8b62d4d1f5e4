/** What the exit code of every command says; the table of docs/cli.md is written from it. */
export const exitCodes = {
  done: { code: 0, meaning: "Done; or the answer is yes: settled, sound, healthy, the same." },
  no: {
    code: 1,
    meaning: "The answer is no: refused, rejected, failed, taken back, broken, different.",
  },
  usage: {
    code: 2,
    meaning: "The command was not understood or could not be carried out as given.",
  },
  unreachable: { code: 3, meaning: "The gateway does not answer." },
  forbidden: { code: 4, meaning: "The operator token or the sender's secret is missing or wrong." },
  unknown: { code: 5, meaning: "There is no such patch, dead letter or route." },
  undecided: { code: 6, meaning: "Not decided: a patch waits for a person, or time was up first." },
  configuration: { code: 78, meaning: "The configuration is refused; every fault was listed." },
  interrupted: { code: 130, meaning: "Ended by Ctrl-C before the answer was there." },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

export type ExitName = keyof typeof exitCodes;

/** Sets how this process will exit, once its output is written. */
export function exitWith(name: ExitName): void {
  process.exitCode = exitCodes[name].code;
}

/** A command cannot go on: the sentence is printed as it is, with the remedy in it. */
export class CommandError extends Error {
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string) {
    super(message);
    this.name = "CommandError";
    this.exit = exit;
  }
}
