import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanEstimate } from '../src-main/contract/estimate.ts';
import type { JobRow } from '../src-main/store/rows.ts';
import { inLibrary, jobsOf, makeFolder, removeFolder, resultsOf, swamp, swampJson } from './cli.ts';

/** Extending and forking train what the plan says and nothing else, and change nothing that was there. */

const experiment = {
  name: 'small',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16] },
  recipe: { epochs: 1, batch: 128 },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 1 },
  arms: ['imp', { kind: 'swamp', particles: 2 }],
};
const grown = {
  ...experiment,
  sparsity: { ...experiment.sparsity, rounds: 2 },
  arms: [...experiment.arms, 'dense', { kind: 'swamp', particles: 3 }],
  seeds: [1, 2],
};

interface Ran {
  readonly experiment: string;
  readonly state: string;
}
interface Planned {
  readonly changes: readonly { readonly path: string }[];
  readonly shared: number;
  readonly estimate: PlanEstimate;
}
interface Failed {
  readonly error: { readonly message: string; readonly hint: string };
}

const folder = makeFolder();
const library = join(folder, 'library');
let id: string;

const command = <T>(...args: string[]) => swampJson<T>([...args, '--library', library]);
const trainings = (): JobRow[] =>
  [...jobsOf(library).values()].filter(({ kind }) => kind.startsWith('train-'));

/** Attempts begun, by job. */
const attempts = (): Map<string, number> =>
  new Map([...jobsOf(library).values()].map((job) => [job.key, job.attempts]));

beforeAll(async () => {
  writeFileSync(join(folder, 'small.json'), JSON.stringify(experiment));
  writeFileSync(join(folder, 'grown.json'), JSON.stringify(grown));
  const run = await command<Ran>('run', join(folder, 'small.json'));
  expect(run.code, run.stderr).toBe(0);
  id = run.document.experiment;
});
afterAll(() => removeFolder(folder));

// In this order: each builds on what the one before left.
describe('swamp extend', () => {
  test('says what it would do, and does nothing', async () => {
    const before = attempts();
    const { code, document, stderr } = await command<Planned>('extend', id, '--rounds', '2', '--dry-run');
    expect(code, stderr).toBe(0);
    expect(document.changes).toEqual([{ path: 'sparsity.rounds', before: 1, after: 2 }]);
    // A ticket, two rounds of imp and two of two particles are there; a round more is three trainings.
    expect(document.estimate).toMatchObject({ trainings: 7 + 3, trainingsStored: 7 });
    expect(attempts()).toEqual(before);
  });

  test('trains what is new, once, and leaves every result as it was', async () => {
    const [before, results] = [attempts(), resultsOf(library)];
    expect(trainings()).toHaveLength(7);
    const { code, document, stderr } = await command<Ran>(
      ...['extend', id, '--rounds', '2', '--seeds', '2', '--arm', 'dense', '--particles', '3'],
    );
    expect(code, stderr).toBe(0);
    expect(document).toMatchObject({ experiment: id, state: 'done' });
    // A seed: a ticket; imp 3; swamp(2) 3 × 2; swamp(3) 3 × 3 but for the two it shares in round 0. dense is imp's round 0.
    expect(trainings()).toHaveLength(2 * (1 + 3 + 6 + 7));
    for (const [key, count] of attempts()) expect(count, key).toBe(before.get(key) ?? 1);
    expect(resultsOf(library)).toMatchObject(results);
  });

  test('keeps runs and their summaries up to date', () => {
    const runs = inLibrary(library, ({ store }) => store.runs({ experiment: store.findExperiment(id) }));
    expect(
      runs.map(({ slug, seed, rounds, state, summary }) => [slug, seed, rounds, state, summary.roundsDone]),
    ).toEqual(
      [1, 2].flatMap((seed) => [
        ['imp', seed, 3, 'done', 3],
        ['swamp-2', seed, 3, 'done', 3],
        ['dense', seed, 1, 'done', 1],
        ['swamp-3', seed, 3, 'done', 3],
      ]),
    );
    for (const { slug, summary } of runs) {
      if (slug !== 'dense') expect(summary.finalSparsity).toBeCloseTo(1 - 0.6 ** 2, 3);
    }
  });

  test('gives the bits of an experiment that was as large from the start', async () => {
    const fresh = join(folder, 'fresh');
    const run = await swamp(['run', join(folder, 'grown.json'), '--library', fresh]);
    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(library)).toEqual(resultsOf(fresh));
  });

  test('refuses what would change or drop something, and what adds nothing', async () => {
    const before = attempts();
    for (const [args, says, hint] of [
      [
        ['--set', 'recipe.epochs=2'],
        /recipe\.epochs 1 → 2: imp would be another from round 0 on/,
        /swamp fork small-/,
      ],
      [['--rounds', '1'], /sparsity\.rounds 2 → 1: imp has round 2, which would be dropped/, /swamp fork/],
      [['--seeds', '1,2'], /nothing to add/, /--rounds/],
      [['--set', 'threads=7'], /threads – → 7: imp would be another/, /swamp fork/],
      [['--arm', 'swmp'], /there is no arm "swmp"/, /./],
      [['--arm', '{"kind":'], /--arm \{"kind":: this is not JSON/, /--arm '/],
      [['--particles', '0'], /particles: 0 is out of range/, /./],
      [['--seeds', '2;3'], /'2;3' is invalid. Give whole numbers with commas between/, /./],
      [
        ['--set', 'swa.learningRate=[0.1,0.2]'],
        /swa\.learningRate: several values make several experiments/,
        /swamp fork/,
      ],
      [['--set', 'name=other'], /an experiment keeps its name/, /--name/],
    ] as const) {
      const { code, document } = await command<Failed>('extend', id, ...args);
      expect(document.error.message).toMatch(says);
      expect(document.error.hint).toMatch(hint);
      expect(code).toBe(2);
    }
    expect(attempts()).toEqual(before);
  });
});

describe('swamp fork', () => {
  test('makes another experiment, and trains what is not shared', async () => {
    const before = attempts();
    const args = ['fork', id, '--name', 'other', '--set', 'swa.start=0.25', '--set', 'seeds=[1]'];
    const planned = await command<Planned>(...args, '--dry-run');
    expect(planned.code, planned.stderr).toBe(0);
    // The ticket and imp's three rounds (dense is the first) are the same; particles under another SWA phase are not.
    expect(planned.document).toMatchObject({
      origin: id,
      shared: 4,
      estimate: { trainings: 17, trainingsStored: 4 },
    });
    expect(planned.document.changes.map(({ path }) => path)).toEqual(['swa.start', 'seeds']);
    expect(attempts()).toEqual(before);
    const { code, document, stderr } = await command<Ran>(...args);
    expect(code, stderr).toBe(0);
    expect(document.experiment).toMatch(/^other-[0-9a-f]{4,8}$/);
    expect(attempts().size).toBeGreaterThan(before.size);
    for (const [key, count] of attempts()) expect(count, key).toBe(before.get(key) ?? 1);
    expect(trainings()).toHaveLength(34 + 13);
    const rows = inLibrary(library, ({ store }) => store.experiments());
    expect(rows.map(({ name, origin }) => [name, origin])).toEqual([
      ['other', id],
      ['small', null],
    ]);
  });

  test('refuses what is no configuration', async () => {
    const { code, document } = await command<Failed>('fork', id, '--set', 'recipe.epoch=2');
    expect([code, document.error.message]).toEqual([2, 'recipe.epoch: unknown key; did you mean "epochs"?']);
    const unknown = await command<Failed>('fork', 'nowhere');
    expect([unknown.code, unknown.document.error.message]).toEqual([
      2,
      expect.stringMatching(/no experiment .*nowhere/),
    ]);
  });
});
