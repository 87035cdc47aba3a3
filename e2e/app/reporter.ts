import { stripVTControlCharacters } from 'node:util';
import type { Reporter, Suite, TestCase, TestError, TestResult } from '@playwright/test/reporter';
import { report, type Failure } from '../counts.ts';

/** Counts as the reporter of the other tests does. */
export default class PlainReporter implements Reporter {
  #suite: Suite | null = null;
  readonly #errors: Failure[] = [];

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onError(error: TestError): void {
    this.#errors.push({ test: 'outside any test', message: messageOf([error]) });
  }

  onEnd(): void {
    const count = { passed: 0, failed: this.#errors.length, skipped: 0 };
    const failures = [...this.#errors];
    const flaky: Failure[] = [];
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome();
      if (outcome === 'skipped') count.skipped++;
      else if (outcome === 'unexpected') {
        count.failed++;
        failures.push(failureOf(test, test.results.at(-1)));
      } else {
        count.passed++;
        if (outcome === 'flaky') flaky.push(failureOf(test, test.results[0]));
      }
    }
    report({ ...count, failures, flaky });
  }

  printsToStdio(): boolean {
    return false;
  }
}

function failureOf(test: TestCase, result: TestResult | undefined): Failure {
  return { test: test.titlePath().filter(Boolean).join(' › '), message: messageOf(result?.errors ?? []) };
}

function messageOf(errors: readonly TestError[]): string {
  return stripVTControlCharacters(
    errors.map(({ stack, message, value }) => stack ?? message ?? value ?? '').join('\n'),
  );
}
