/** Exit codes of every command (contract.md): 0 done or it holds, 1 does not hold or failed, 2 wrong usage, 3 not now. */
export const exitCode = { ok: 0, failed: 1, usage: 2, later: 3 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** What a command ends with when it cannot do its work: a line for stderr and the code. */
export class CommandError extends Error {
  readonly code: ExitCode;
  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The one JSON document of a `--json` command. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};
