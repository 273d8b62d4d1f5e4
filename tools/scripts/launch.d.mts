export function commandFor(args: readonly string[]): {
  readonly program: string;
  readonly args: readonly string[];
};
