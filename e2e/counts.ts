import { appendFileSync } from 'node:fs';

/** A test that failed: where it is, and what it said first. */
export interface Failure {
  readonly test: string;
  readonly message: string;
}

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  /** What passed when tried again; counted as passed. */
  readonly flaky: readonly Failure[];
}

/** Lines that a failure says at most at the end; the whole of it stands above. */
const LINES = 20;

/** Tells how a runner's tests went: to whoever runs several runners, else on the screen. */
export function report(count: Count): void {
  const file = process.env['SWAMP_TEST_COUNTS'];
  if (file) appendFileSync(file, `${JSON.stringify(count)}\n`);
  else process.stdout.write(`\n${words(count)}\n`);
}

/** The one plain line, for whoever reads logs by machine. */
export function words({ passed, failed, skipped }: Omit<Count, 'failures' | 'flaky'>): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** What failed, with the first lines of why: for the end of a long log. @param mark stands before each test */
export function recall(failures: readonly Failure[], mark = '✗'): string {
  return failures
    .map(
      ({ test, message }) =>
        `${mark} ${test}\n${message
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(0, LINES)
          .join('\n')
          .replace(/^/gmu, '    ')}\n`,
    )
    .join('');
}
