import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src-main/**/*.test.ts', 'src-renderer/**/*.test.ts', 'e2e/**/*.test.ts'],
    // TensorFlow is a native addon with process-wide state: one process a file, no worker threads.
    pool: 'forks',
    globalSetup: ['src-main/engine/testing.setup.ts'],
    reporters: ['default', './e2e/reporter.ts'],
    // As in the window's specs: a crowded machine may be late once; `npm test` names at its end what was.
    retry: process.env['CI'] ? 1 : 0,
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 900_000,
  },
});
