import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { launchWith } from '../src-main/engine/launch.ts';

interface Measured {
  readonly growthMBPer1000Steps: number;
  readonly blocksMB: readonly number[];
  readonly rerecordingsMB: readonly number[];
  readonly tensorsLeft: number;
  readonly graphsLeft: number;
}

/** The long version is `npm run bench:memory` (docs/performance.md). */
test('a worker keeps its size over steps, evaluations and twenty re-recordings', async () => {
  const script = fileURLToPath(new URL('../bench/memory.ts', import.meta.url));
  const env = { BLOCKS: '10', STEPS: '200', RERECORDINGS: '20' };
  const measured = JSON.parse(await launchWith(inject('engine'), script, { threads: 1, env })) as Measured;
  const shown = JSON.stringify(measured);
  expect([measured.tensorsLeft, measured.graphsLeft]).toEqual([0, 0]);
  // A batch that stays behind each step is 100 MB in 1,000 steps; the allocator alone moves by some.
  expect(growth(measured.blocksMB.slice(3)), shown).toBeLessThan(10);
  // A training graph that stays behind holds weights, velocity and mask: 3 MB.
  expect(growth(measured.rerecordingsMB.slice(5)), shown).toBeLessThan(10);
}, 120_000);

/** From the lowest of the first three to the lowest of the last three: single ones are high by chance. */
function growth(values: readonly number[]): number {
  return Math.min(...values.slice(-3)) - Math.min(...values.slice(0, 3));
}
