import { ExitCode, SwampError } from '../contract/errors.ts';

/** Where a command writes: results to standard output, everything else to standard error. */
export class Output {
  /** One JSON document on standard output and nothing else. */
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** The command's result, in one of two forms. */
  result(value: unknown, text: () => string): void {
    process.stdout.write(this.json ? `${JSON.stringify(value)}\n` : `${text()}\n`);
  }

  /** For people; not part of the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Reports an error and tells the exit code. A stack is shown only of faults that nobody foresaw. */
  fail(error: unknown): ExitCode {
    const { message, hint, exitCode, stack } = described(error);
    if (this.json) process.stdout.write(`${JSON.stringify({ error: { message, hint, exitCode } })}\n`);
    process.stderr.write(`error: ${message}\n${hint ? `${hint}\n` : ''}${stack ? `${stack}\n` : ''}`);
    return exitCode;
  }
}

function described(error: unknown): { message: string; hint: string; exitCode: ExitCode; stack: string } {
  if (error instanceof SwampError) {
    const { message, hint, exitCode } = error;
    return { message, hint, exitCode, stack: '' };
  }
  const known = error instanceof Error ? error : new Error(String(error));
  const hint = 'This is a fault of Swamp Studio, not of your input. Please report it with the lines below.';
  return { message: known.message, hint, exitCode: ExitCode.internal, stack: known.stack ?? '' };
}
