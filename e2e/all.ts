import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { words, type Count } from './counts.ts';

// `npm test`: every check, one after another, whatever became of those before; the last line sums up both runners.

/** Scripts of package.json; those that run tests count them themselves. */
const STEPS = ['typecheck', 'lint', 'format:check', 'unit', 'build', 'e2e'];

const folder = mkdtempSync(join(tmpdir(), 'swamp-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const failed: string[] = [];
for (const step of STEPS) {
  const file = join(folder, step.replace(':', '-'));
  const started = performance.now();
  process.stdout.write(`\n▸ npm run ${step}\n`);
  const { status } = spawnSync('npm', ['run', '--silent', step], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, SWAMP_TEST_COUNTS: file },
  });
  const counts = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Count)
    : [];
  for (const count of counts) {
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
  }
  if (status !== 0) {
    failed.push(step);
    // What has no tests of its own, or could not run them, counts as one.
    if (!counts.some((count) => count.failed > 0)) total.failed++;
  }
  process.stdout.write(`  ${step}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}
rmSync(folder, { recursive: true, force: true });
if (failed.length > 0) process.stdout.write(`\nfailed: ${failed.join(', ')}\n`);
process.stdout.write(`\n${words(total)}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
