import type { Reporter, Suite } from '@playwright/test/reporter';
import { report } from '../counts.ts';

/** Counts as the reporter of the other tests does. */
export default class PlainReporter implements Reporter {
  #suite: Suite | null = null;
  #errors = 0;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onError(): void {
    this.#errors++;
  }

  onEnd(): void {
    const count = { passed: 0, failed: this.#errors, skipped: 0 };
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome();
      if (outcome === 'skipped') count.skipped++;
      else if (outcome === 'unexpected') count.failed++;
      else count.passed++;
    }
    report(count);
  }

  printsToStdio(): boolean {
    return false;
  }
}
