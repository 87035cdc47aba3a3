import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';
import { report, type Failure } from './counts.ts';

/** Closes the run with one plain line, `N passed, N failed, N skipped`, for whoever reads logs by machine. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { readonly message: string }[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const failures: Failure[] = [];
    const flaky: Failure[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state !== 'pending') count[state]++;
        const failure = (): Failure => ({
          test: `${module.relativeModuleId} › ${test.fullName}`,
          message: messageOf(errors ?? []),
        });
        if (state === 'failed') failures.push(failure());
        else if (test.diagnostic()?.flaky) flaky.push(failure());
      }
      // A file that did not load has no tests to fail; what a hook prepares fails before they begin.
      const around = [module, ...module.children.allSuites()].flatMap((each) => each.errors());
      if (around.length > 0) {
        count.failed++;
        failures.push({ test: module.relativeModuleId, message: messageOf(around) });
      }
    }
    count.failed += unhandled.length;
    failures.push(...unhandled.map((error) => ({ test: 'outside any test', message: messageOf([error]) })));
    report({ ...count, failures, flaky });
  }
}

function messageOf(
  errors: readonly { readonly message: string; readonly stack?: string; readonly diff?: string }[],
): string {
  return errors
    .map(({ message, stack = '', diff = '' }) => {
      const at =
        stack.split('\n').find((line) => /^\s+at /u.test(line) && !line.includes('node_modules')) ?? '';
      return `${message}\n${at}\n${stripVTControlCharacters(diff)}`;
    })
    .join('\n');
}
