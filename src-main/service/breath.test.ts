import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Input } from '../contract/api/index.ts';
import { parseConfig } from '../experiment/config.ts';
import { StoredResolution } from '../experiment/resolve.ts';
import { prepareStored } from '../experiment/studio.ts';
import { openLibrary } from '../store/library.ts';
import { noEngines } from './fixtures.ts';
import { Service } from './service.ts';

/** Some 1,800 jobs: planned in a piece they take the host's thread 70 ms, stored in a piece 90 ms. */
const config = parseConfig({
  name: 'large',
  dataset: { kind: 'digits' },
  model: { kind: 'lenet' },
  recipe: { epochs: 1 },
  sparsity: { kind: 'geometric', fraction: 0.2, rounds: 30 },
  arms: ['imp', { kind: 'swamp', particles: 8 }],
  seeds: [1, 2, 3],
});

const resolution: Input<'experiments.submit'>['resolution'] = {
  dataset: { title: 'digits', digest: 'd'.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
  splits: Object.fromEntries(
    [1, 2, 3].map((seed) => [seed, { digest: `${seed}`.repeat(64), training: 7200, validation: 800 }]),
  ),
  precision: 'float32',
  backend: 'tensorflow-cpu',
  threads: 1,
  workers: 1,
};

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The longest that this thread worked between two looks at what else there is to do: its own time, not the clock's. */
async function longestWhile(work: Promise<unknown>): Promise<number> {
  let [longest, last, going] = [0, threadMs(), true];
  const done = work.finally(() => (going = false));
  while (going) {
    await setImmediate();
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
  }
  await done;
  return longest;
}

test('a large experiment is planned, stored, begun and made to grow without keeping the host from its work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-breath-'));
  const library = openLibrary(folder, { create: true });
  const asked = vi.fn();
  const service = new Service({
    library,
    app: '1.0.0',
    engines: {
      ...noEngines,
      // The turn of an experiment ends here, with its plan made.
      prepare: (_variant, _report, signal) => {
        asked();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        );
      },
    },
  });
  onTestFinished(async () => {
    await service.close();
    library.close();
    rmSync(folder, { recursive: true, force: true });
  });
  // What planning alone takes here, in a piece.
  const whole = timeOf(() => prepareStored(config, StoredResolution.parse(resolution)));
  const submitted = service.call('experiments.submit', { config, resolution });
  const begun = submitted.then(() => vi.waitFor(() => expect(asked).toHaveBeenCalled(), 20_000));
  expect(await longestWhile(begun)).toBeLessThan(whole / 2);
  const { experiment } = await submitted;
  expect(library.store.experiment(experiment).counts.waiting).toBeGreaterThan(1500);
  await service.call('experiments.pause', { experiment });
  const arms = [...config.arms, { kind: 'swamp', particles: 4 }];
  const grown = service.call('experiments.extend', {
    experiment,
    config: parseConfig({ ...config, arms }),
    resolution,
  });
  expect(await longestWhile(grown)).toBeLessThan(whole / 2);
  expect(library.store.experiment(experiment).runs).toBe(9);
}, 60_000);

function timeOf(work: () => unknown): number {
  const start = threadMs();
  work();
  return threadMs() - start;
}
