import type { Reporter, TestModule } from 'vitest/node';
import { report } from './counts.ts';

/** Closes the run with one plain line, `N passed, N failed, N skipped`, for whoever reads logs by machine. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') count[state]++;
      }
      // A file that did not load has no tests to fail.
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0) count.failed++;
    }
    count.failed += unhandled.length;
    report(count);
  }
}
