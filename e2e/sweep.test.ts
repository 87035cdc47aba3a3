import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SweepEstimate } from '../src-main/contract/estimate.ts';
import {
  inLibrary,
  jobsOf,
  jsonLine,
  makeFolder,
  removeFolder,
  Running,
  swamp,
  swampJson,
  trainingsTried,
} from './cli.ts';

/** Lists of choices: several experiments, stored together, one after another, shared work once. */

const sweep = {
  name: 'choices',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16] },
  recipe: { epochs: 1 },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10, learningRate: [0.05, 0.02] },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 1 },
  arms: ['imp', { kind: 'swamp', particles: [1, 2] }],
};
/** A ticket and imp's two rounds are shared; swamp(1) and swamp(2) share a particle in round 0. */
const [SHARED, OWN] = [1 + 2, 1 + 1 + 3];

interface Best {
  readonly arm: string;
  readonly test: { readonly accuracy: number };
  readonly validation: { readonly accuracy: number };
}
interface Swept {
  readonly sweep: string;
  readonly state: string;
  readonly experiments: readonly {
    readonly experiment: string;
    readonly state: string;
    readonly settings: Record<string, unknown>;
    readonly best: Best | null;
    readonly last: Best | null;
    readonly verdict?: string;
  }[];
}
interface Dry {
  readonly sweep: { readonly experiments: readonly { readonly name: string; readonly choices: object }[] };
  readonly estimate: Omit<SweepEstimate, 'experiments'>;
}

const folder = makeFolder();
const file = join(folder, 'sweep.json');
const library = join(folder, 'library');
let swept: Swept;

beforeAll(async () => {
  writeFileSync(file, JSON.stringify(sweep));
  const run = await swampJson<Swept>(['run', file, '--library', library]);
  expect(run.code, run.stderr).toBe(0);
  swept = run.document;
  expect(run.stderr).toMatch(/Experiment 1 of 2: choices-learningRate-0\.05-/);
});
afterAll(() => removeFolder(folder));

describe('a sweep', () => {
  test('is planned as a table of experiments with what all of it costs', async () => {
    const elsewhere = join(folder, 'nowhere');
    const { code, document } = await swampJson<Dry>(['run', file, '--dry-run', '--library', elsewhere]);
    expect(code).toBe(0);
    expect(document.sweep.experiments).toMatchObject([
      { name: 'choices-learningRate-0.05', choices: { 'swa.learningRate': 0.05 } },
      { name: 'choices-learningRate-0.02', choices: { 'swa.learningRate': 0.02 } },
    ]);
    expect(document.estimate).toMatchObject({ trainings: SHARED + 2 * OWN, trainingsStored: 0 });
    const text = await swamp(['run', file, '--dry-run', '--library', elsewhere]);
    expect(text.stdout).toMatch(/^experiment +swa\.learningRate +to train/m);
    expect(text.stdout).toMatch(new RegExp(`choices-learningRate-0\\.02 +0\\.02 +${OWN} of ${SHARED + OWN}`));
  });

  test('trains every experiment, and what they share once', () => {
    expect(swept.state).toBe('done');
    expect(swept.sweep).toMatch(/^choices-sweep-[0-9a-f]{4,8}$/);
    expect(swept.experiments.map(({ state, settings }) => [state, settings])).toEqual([
      ['done', { 'swa.learningRate': 0.05 }],
      ['done', { 'swa.learningRate': 0.02 }],
    ]);
    for (const { verdict } of swept.experiments) expect(verdict).toMatch(/swamp/);
    expect(trainingsTried(library)).toBe(SHARED + 2 * OWN);
    const rows = inLibrary(library, ({ store }) => store.experiments());
    expect(rows.map((row) => [row.sweep, row.runs])).toEqual([
      [swept.sweep, 3],
      [swept.sweep, 3],
    ]);
  });

  test('shows its experiments and their best values, chosen on validation', async () => {
    const { code, document } = await swampJson<Swept>(['show', 'choices-sweep', '--library', library]);
    expect(code).toBe(0);
    expect(document.sweep).toBe(swept.sweep);
    for (const { experiment, best, last } of document.experiments) {
      const runs = inLibrary(library, ({ store }) =>
        store.runs({ experiment: store.findExperiment(experiment) }),
      );
      // One seed: the means are the runs' own.
      const bests = runs.map(({ summary }) => summary.bestValidationAccuracy ?? 0);
      expect(best?.validation.accuracy).toBe(Math.max(...bests));
      expect(best?.test.accuracy).toBe(runs[bests.indexOf(Math.max(...bests))]?.summary.bestAccuracy);
      const finals = runs.map(({ summary }) => summary.finalValidationAccuracy ?? 0);
      expect(last?.validation.accuracy).toBe(Math.max(...finals));
    }
    const text = await swamp(['show', swept.sweep, '--library', library]);
    expect(text.stdout).toMatch(/experiments +2, 2 done/);
    const listed = await swamp(['list', '--library', library]);
    expect(listed.stdout.match(new RegExp(`in ${swept.sweep}`, 'g'))).toHaveLength(2);
  });

  test('stops as a whole, and goes on by its id', async () => {
    const other = join(folder, 'stopped');
    const first = new Running([
      'run',
      file,
      '--library',
      other,
      '--json',
      '--set',
      'recipe.epochs=20',
      '--set',
      'workers=1',
    ]);
    await first.says(/Experiment 1 of 2/);
    await first.until(() => {
      try {
        return [...jobsOf(other).values()].some(
          ({ kind, state }) => kind === 'train-particle' && state === 'running',
        );
      } catch {
        // The library is only just being made.
        return false;
      }
    });
    first.interrupt();
    const ended = await first.ended;
    expect(ended.code, ended.stderr).toBe(130);
    const stopped = jsonLine<Swept>(ended);
    expect([stopped.state, ...stopped.experiments.map(({ state }) => state)]).toEqual([
      'stopped',
      'stopped',
      'stopped',
    ]);
    const again = await swampJson<Swept>(['resume', stopped.sweep, '--library', other]);
    expect(again.code, again.stderr).toBe(0);
    expect(again.document.experiments.map(({ state }) => state)).toEqual(['done', 'done']);
    const done = await swampJson<Swept>(['resume', stopped.sweep, '--library', other]);
    expect([done.code, done.document.state]).toEqual([0, 'done']);
  });

  test('of one engine only, and of no wrong value', async () => {
    for (const [set, says] of [
      ['engine=["cpu","auto"]', /engine: \["cpu","auto"\] are several engines/],
      ['recipe.epochs=[1,0]', /^recipe\.epochs\[1\]: 0 is out of range; it must be greater than 0$/],
      [
        'sparsity.rounds=[1,50]',
        /^choices-learningRate-0\.05-rounds-50: sparsity: round \d+ would leave 0 of/,
      ],
    ] as const) {
      const { code, document } = await swampJson<{ error: { message: string } }>([
        'run',
        file,
        '--set',
        set,
        '--library',
        library,
      ]);
      expect(document.error.message).toMatch(says);
      expect(code).toBe(2);
    }
  });
});
