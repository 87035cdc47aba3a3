import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recall, words, type Count, type Failure } from './counts.ts';

// `npm test`: every check, whatever became of those before; the last line sums up both runners.

/**
 * Scripts of package.json, in order; those of a row side by side, each list one after another, as they use one core
 * each. Scripts that run tests use all there are, and count the tests themselves.
 */
const STEPS: readonly (readonly (readonly string[])[])[] = [
  [['lint'], ['typecheck', 'format:check', 'build']],
  [['unit']],
  [['e2e']],
];

const folder = mkdtempSync(join(tmpdir(), 'swamp-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const failed: string[] = [];
const failures: Failure[] = [];
const flaky: Failure[] = [];

/** Runs a script. @param alone what it says is shown at once, in place of at its end */
async function run(step: string, alone: boolean): Promise<void> {
  const file = join(folder, step.replace(':', '-'));
  const started = performance.now();
  const said: Buffer[] = [];
  const heading = `\n▸ npm run ${step}\n`;
  if (alone) process.stdout.write(heading);
  const child = spawn('npm', ['run', '--silent', step], {
    stdio: alone ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    env: { ...process.env, SWAMP_TEST_COUNTS: file },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      said.push(part);
    });
  const status = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  if (!alone) process.stdout.write(heading + Buffer.concat(said).toString());
  count(step, file, status);
  process.stdout.write(`  ${step}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}

function count(step: string, file: string, status: number | null): void {
  const counts = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Count)
    : [];
  for (const each of counts) {
    total.passed += each.passed;
    total.failed += each.failed;
    total.skipped += each.skipped;
    failures.push(...each.failures);
    flaky.push(...each.flaky);
  }
  if (status === 0) return;
  failed.push(step);
  // What has no tests of its own, or could not run them, counts as one.
  if (!counts.some((each) => each.failed > 0)) total.failed++;
}

for (const row of STEPS)
  await Promise.all(
    row.map(async (steps) => {
      for (const step of steps) await run(step, row.length === 1);
    }),
  );
rmSync(folder, { recursive: true, force: true });
if (flaky.length > 0) process.stdout.write(`\nPassed only when tried again:\n${recall(flaky, '~')}`);
if (failures.length > 0) process.stdout.write(`\n${recall(failures)}`);
if (failed.length > 0) process.stdout.write(`\nfailed: ${failed.join(', ')}\n`);
process.stdout.write(`\n${words(total)}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
