import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inLibrary, makeFolder, removeFolder, resultsOf, swamp } from './cli.ts';

/** Arms whose masks change while they train, particles that share one among them: two trainings of half a second each. */
const experiment = {
  name: 'crash-group',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 3, batch: 128, optimizer: { momentum: 0.9 } },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'explicit', sparsities: [0.8] },
  arms: [
    { kind: 'gmp', every: 20 },
    { kind: 'set', every: 20 },
    'dpf',
    { kind: 'rigl-swamp', particles: 2, every: 20 },
  ],
  threads: 1,
  workers: 1,
};

/** Where the worker dies, and at which passage since its start: in a stretch, right after an update, in going on. */
const crashes = [
  'worker:training-step:220',
  'worker:training-step:300',
  'worker:mask-updated:2',
  'worker:mask-updated:4',
  'worker:mask-updated:6',
  'worker:restored:1',
];

const folder = makeFolder();
const file = join(folder, 'crash.json');
let expected: Record<string, unknown>;

beforeAll(async () => {
  writeFileSync(file, JSON.stringify(experiment));
  const undisturbed = join(folder, 'undisturbed');
  const run = await swamp(['run', file, '--library', undisturbed]);
  expect(run.code, run.stderr).toBe(0);
  expected = resultsOf(undisturbed);
}, 300_000);
afterAll(() => removeFolder(folder));

test('a worker killed between and after updates of a mask: the job goes on to the same bits', async () => {
  const library = join(folder, 'library');
  const mark = join(folder, 'mark');
  const happened = (): string[] => (existsSync(mark) ? readFileSync(mark, 'utf8').trim().split('\n') : []);
  let args = ['run', file];
  for (let attempt = 0; attempt < 20; attempt++) {
    const env = {
      SWAMP_CRASH_AT: crashes.filter((each) => !happened().includes(each)).join(','),
      SWAMP_CRASH_MARK: mark,
      SWAMP_CHECKPOINT_SECONDS: '0.01',
    };
    const run = await swamp([...args, '--library', library], { env });
    expect([0, 5], run.stderr).toContain(run.code);
    const stored = inLibrary(library, ({ store }) => store.experiments()[0]);
    if (stored) args = ['resume', stored.id];
    if (stored?.state === 'done') break;
  }
  expect(happened().toSorted()).toEqual(crashes.toSorted());
  expect(resultsOf(library)).toEqual(expected);
}, 600_000);
