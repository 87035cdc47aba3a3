import { appendFileSync } from 'node:fs';

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Tells how a runner's tests went: to whoever runs several runners, else on the screen. */
export function report(count: Count): void {
  const file = process.env['SWAMP_TEST_COUNTS'];
  if (file) appendFileSync(file, `${JSON.stringify(count)}\n`);
  else process.stdout.write(`\n${words(count)}\n`);
}

/** The one plain line, for whoever reads logs by machine. */
export function words({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
