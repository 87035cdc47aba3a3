import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inLibrary, makeFolder, removeFolder, resultsOf, swamp } from './cli.ts';

/** Two particles, two rounds, trainings of half a second: enough to be cut anywhere. */
const experiment = {
  name: 'crash',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 24, batch: 128 },
  ticket: { iterations: 20 },
  swa: { start: 0.05, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 1 },
  arms: [{ kind: 'swamp', particles: 2 }],
  threads: 1,
  workers: 1,
};

/** Where processes die, and at which passage since their start. */
const crashes = [
  // Inside a training: the worker that computes, and the host that is told.
  'worker:training-step:60',
  'worker:training-step:200',
  'host:progress:1',
  'host:progress:2',
  // Inside the mean of the particles, before and after it is stored.
  'worker:average:1',
  'worker:averaged:1',
  // Before and after a file gets its name. With a checkpoint at least each 0.1 s both are met with objects and checkpoints.
  'worker:rename:2',
  'worker:rename:5',
  'worker:renamed:3',
  'worker:renamed:6',
  // Before and after a transaction is on the disk.
  'host:commit:6',
  'host:commit:11',
  'host:committed:8',
  'host:committed:13',
  // In going on itself: while the host sets right what a dead one left, and when the worker has read a checkpoint.
  'host:commit:1',
  'host:committed:1',
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
});
afterAll(() => removeFolder(folder));

test('killed at every kind of place, it ends with the same bits', async () => {
  const library = join(folder, 'library');
  const mark = join(folder, 'mark');
  const happened = (): string[] => (existsSync(mark) ? readFileSync(mark, 'utf8').trim().split('\n') : []);
  let args = ['run', file];
  let killed = 0;
  for (let attempt = 0; attempt < 40; attempt++) {
    // The first start makes the library: what is to hit going on waits until there is something to go on with.
    const made = args[0] === 'resume';
    const left = crashes.filter((each) => !happened().includes(each) && (made || !each.endsWith(':1')));
    const env = {
      SWAMP_CRASH_AT: left.join(','),
      SWAMP_CRASH_MARK: mark,
      SWAMP_CHECKPOINT_SECONDS: '0.1',
    };
    const run = await swamp([...args, '--library', library], { env });
    if (run.code === null) killed++;
    else expect([0, 5], run.stderr).toContain(run.code);
    const stored = existsSync(join(library, 'swamp.db'))
      ? inLibrary(library, ({ store }) => store.experiments()[0])
      : undefined;
    if (stored) args = ['resume', stored.id];
    if (stored?.state === 'done') break;
  }
  expect(happened().toSorted()).toEqual(crashes.toSorted());
  // Each death of the host was one that somebody had to go on after.
  expect(killed).toBe(crashes.filter((each) => each.startsWith('host')).length);
  expect(resultsOf(library)).toEqual(expected);
}, 600_000);
