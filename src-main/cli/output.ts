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
    this.jsonError({ message, hint, exitCode });
    const head = exitCode === ExitCode.stopped ? message : `error: ${message}`;
    this.note([head, hint, stack].filter((part) => part !== '').join('\n'));
    return exitCode;
  }

  /** The document that stands for a result that is not there. */
  jsonError(error: { readonly message: string; readonly hint: string; readonly exitCode: ExitCode }): void {
    if (this.json) process.stdout.write(`${JSON.stringify({ error })}\n`);
  }
}

/**
 * A reader that goes away (`| head`) ends nothing: a training is worth more than the lines nobody reads, and the
 * files are written all the same.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}

function described(error: unknown): { message: string; hint: string; exitCode: ExitCode; stack: string } {
  if (error instanceof SwampError) {
    const { message, hint, exitCode } = error;
    return { message, hint, exitCode, stack: '' };
  }
  const known = error instanceof Error ? error : new Error(String(error));
  if (known.name === 'AbortError') {
    return { message: 'Stopped.', hint: '', exitCode: ExitCode.stopped, stack: '' };
  }
  const hint = 'This is a fault of Swamp Studio, not of your input. Please report it with the lines below.';
  return { message: known.message, hint, exitCode: ExitCode.internal, stack: known.stack ?? '' };
}
