/** An error about an invalid command line. The program prints it without a stack and exits with 2. */
export class UsageError extends Error {}

/** Returns the error about what `parseArgs` refuses. */
export function refusedFlag(error: unknown, help: string): UsageError {
  const { message } = error as Error;
  const [, flag] = /'(--[\w-]+)=-XYZ'/u.exec(message) ?? [];
  if (flag)
    return new UsageError(
      `${flag} needs its value after "=" if the value begins with a dash: ${flag}=-…; see ${help}.`,
    );
  // Node adds further sentences. The first one names the flag and the problem.
  const [sentence] = message.split(/[.\n]/);
  return new UsageError(`${sentence}; see ${help}.`);
}

/** A flag, for `parseArgs` and for the help. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly default?: string;
  /** The value of the flag, as the help names it. */
  readonly value?: string;
  readonly about: string;
}

/** Returns a line of the help for each flag. A further line of `about` is indented. */
export function linesOfFlags(flags: Readonly<Record<string, Flag>>): string {
  return Object.entries(flags)
    .map(([name, { value, about }]) => `--${name}${value ? ` <${value}>` : ''}`.padEnd(25) + about)
    .map((text) => `  ${text.replaceAll('\n', `\n${' '.repeat(27)}`)}`)
    .join('\n');
}
