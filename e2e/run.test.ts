import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Comparison } from '../src-main/contract/compare.ts';
import { PlanEstimate } from '../src-main/contract/estimate.ts';
import type { Metrics } from '../src-main/contract/metrics.ts';
import {
  inLibrary,
  makeFolder,
  removeFolder,
  resultsOf,
  swamp,
  swampJson,
  temporaryFolder,
  trainingsTried,
} from './cli.ts';

/** All three arms, two seeds, three rounds, small enough for seconds. */
const experiment = {
  name: 'tiny',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16] },
  recipe: { epochs: 1, batch: 128 },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 2 },
  arms: ['imp', { kind: 'imp-ensemble', members: 2 }, { kind: 'swamp', particles: 2 }],
  seeds: [1, 2],
};
/** Kernel of the hidden layer: 784 × 16. The classifier is not pruned. */
const PRUNABLE = 784 * 16;

interface Ran {
  readonly experiment: string;
  readonly state: string;
  readonly library: string;
  readonly verdict: string;
  readonly files: Record<'comparison' | 'table' | 'checkpoint' | 'card', string>;
}

const folder = makeFolder();
const library = join(folder, 'library');
const file = join(folder, 'tiny.json');
let ran: Ran;
let comparison: Comparison;

beforeAll(async () => {
  writeFileSync(file, JSON.stringify(experiment));
  const run = await swampJson<Ran>(['run', file, '--library', library]);
  expect(run.code, run.stderr).toBe(0);
  ran = run.document;
  const compared = await swampJson(['compare', ran.experiment, '--library', library]);
  expect(compared.code).toBe(0);
  comparison = Comparison.parse(compared.document);
});
afterAll(() => removeFolder(folder));

describe('run', () => {
  test('says where everything is', () => {
    expect(ran.experiment).toMatch(/^tiny-[0-9a-f]{4,8}$/);
    expect(ran).toMatchObject({ state: 'done', library });
    expect(ran.verdict).toMatch(/swamp\(2\)/);
    for (const path of Object.values(ran.files)) expect(existsSync(path), path).toBe(true);
    expect(Object.keys(ran.files).sort()).toEqual(['card', 'checkpoint', 'comparison', 'table']);
    expect(readFileSync(ran.files.comparison, 'utf8')).toContain(ran.experiment);
    expect(readFileSync(ran.files.card, 'utf8')).toContain(ran.experiment);
  });

  test('a training has a place for each of its steps', async () => {
    const { document } = await swampJson<{ time: Record<string, number> }>([
      'show',
      ran.experiment,
      '--library',
      library,
    ]);
    // 7,200 training images, 56 steps of 128: 24 particles (three rounds: imp 1, the second member 1, swamp 2;
    // two seeds) and four tickets of ten steps.
    expect(document.time['steps']).toBe(24 * 56 + 4 * 10);
    const { wallSeconds = 0, workerSeconds = 0, sessionSeconds = 0 } = document.time;
    expect(sessionSeconds).toBeGreaterThan(0);
    expect(workerSeconds).toBeGreaterThan(sessionSeconds);
    expect(wallSeconds).toBeGreaterThan(0);
  });
});

describe('compare', () => {
  const arm = (label: string): Comparison['arms'][number] => {
    const found = comparison.arms.find((each) => each.arm === label);
    if (!found) throw new Error(`no arm ${label}`);
    return found;
  };

  test('holds every arm, round and seed', () => {
    expect(comparison).toMatchObject({ experiment: ran.experiment, name: 'tiny', complete: true });
    expect(comparison.denominator.weights).toBe(PRUNABLE);
    expect(comparison.arms.map(({ arm, kind }) => [arm, kind])).toEqual([
      ['imp', 'imp'],
      ['imp-ensemble(2)', 'imp-ensemble'],
      ['swamp(2)', 'swamp'],
    ]);
    for (const { rounds } of comparison.arms) {
      expect(rounds.map(({ round }) => round)).toEqual([0, 1, 2]);
      for (const { seeds } of rounds) expect(seeds.map(({ seed }) => seed)).toEqual([1, 2]);
    }
  });

  test('sparsities are exact counts', () => {
    for (const { rounds } of comparison.arms) {
      for (const { round, sparsity, remaining } of rounds) {
        const alive = Math.floor(0.6 ** round * PRUNABLE + 0.5);
        expect(sparsity).toBe((PRUNABLE - alive) / PRUNABLE);
        expect(remaining).toBeCloseTo(alive / PRUNABLE, 12);
      }
    }
  });

  test('differences are paired by seed, with intervals', async () => {
    const at = ['compare', ran.experiment, '--library', library];
    const { document } = await swampJson([
      ...at,
      '--from',
      '0.4',
      '--confidence',
      '0.9',
      '--baseline',
      'swamp(2)',
    ]);
    const { pairs, statistics } = Comparison.parse(document);
    expect(statistics).toMatchObject({ from: 0.4, confidence: 0.9, baseline: 'swamp(2)' });
    const pair = pairs.find((each) => each.arm === 'imp' && each.baseline === 'swamp(2)');
    const accuracies = (label: string, seed: number): number[] =>
      arm(label)
        .rounds.slice(1)
        .map(({ seeds }) => seeds[seed]?.test.accuracy ?? NaN);
    const [a, b] = [0, 1].map((seed) => {
      const [imp, swamp] = [accuracies('imp', seed), accuracies('swamp(2)', seed)];
      return imp.reduce((sum, value, round) => sum + (value - (swamp[round] ?? NaN)) / 2, 0);
    }) as [number, number];
    const { mean, interval } = pair?.average?.test ?? {};
    expect(mean?.accuracy).toBeCloseTo((a + b) / 2, 12);
    // The 0.95 quantile of Student's t with one degree of freedom.
    const half = (6.313751515 * Math.abs(a - b)) / 2;
    expect(interval?.low.accuracy).toBeCloseTo((a + b) / 2 - half, 8);
    expect(interval?.high.accuracy).toBeCloseTo((a + b) / 2 + half, 8);

    const csv = await swamp([...at, '--from', '0.4', '--format', 'csv']);
    expect(csv.stdout).toMatch(/^difference,round,.*\r\nimp-ensemble\(2\) − imp,0,0,test,accuracy,/);
    for (const [option, value] of [
      ['--from', '40'],
      ['--confidence', '95'],
      ['--within', '-1'],
      ['--baseline', 'impp'],
    ] as const) {
      const wrong = await swamp([...at, option, value]);
      expect([wrong.code, wrong.stdout]).toEqual([2, '']);
      expect(wrong.stderr).toContain(`${option} ${value}`);
    }
  });

  test('means and deviations are those of the seeds', () => {
    for (const { rounds } of comparison.arms) {
      for (const { test: mean, validation, testDeviation, seeds } of rounds) {
        const [a, b] = seeds;
        if (!a || !b || !validation || !testDeviation) throw new Error('two seeds with validation');
        for (const metric of ['accuracy', 'nll', 'ece'] as const) {
          expect(mean[metric]).toBeCloseTo((a.test[metric] + b.test[metric]) / 2, 12);
          expect(validation[metric]).toBeCloseTo(
            ((a.validation?.[metric] ?? NaN) + (b.validation?.[metric] ?? NaN)) / 2,
            12,
          );
          // n − 1 over two values.
          expect(testDeviation[metric]).toBeCloseTo(
            Math.abs(a.test[metric] - b.test[metric]) / Math.SQRT2,
            12,
          );
        }
        expect(a.test).not.toEqual(b.test);
      }
    }
  });

  test('inference gets cheaper by the pruned weights, training adds up', () => {
    for (const { arm, rounds } of comparison.arms) {
      const networks = arm.startsWith('imp-ensemble') ? 2 : 1;
      for (const [at, { round, inferenceFlops, trainingFlops }] of rounds.entries()) {
        const pruned = PRUNABLE - Math.floor(0.6 ** round * PRUNABLE + 0.5);
        expect(inferenceFlops).toBeGreaterThan(networks * 2 * (PRUNABLE - pruned + 16 * 10));
        expect((rounds[0]?.inferenceFlops ?? 0) - inferenceFlops).toBeCloseTo(networks * 2 * pruned, 6);
        const before = rounds[at - 1]?.trainingFlops ?? 0;
        expect(trainingFlops).toBeGreaterThan(before);
      }
    }
    // Two members train twice as much as one, tickets included; two particles share a ticket.
    const cost = (label: string): number => arm(label).rounds[2]?.trainingFlops ?? NaN;
    expect(cost('imp-ensemble(2)')).toBe(2 * cost('imp'));
    expect(cost('swamp(2)')).toBeLessThan(2 * cost('imp'));
    expect(cost('swamp(2)')).toBeGreaterThan(1.8 * cost('imp'));
  });

  test('the first member of the ensemble is the imp run', () => {
    for (const [round, { seeds }] of arm('imp').rounds.entries()) {
      for (const [at, imp] of seeds.entries()) {
        const ensemble = arm('imp-ensemble(2)').rounds[round]?.seeds[at];
        expect(ensemble?.particles).toHaveLength(2);
        expect(ensemble?.particles[0]).toEqual({ test: imp.test, validation: imp.validation });
        expect(ensemble?.particles[1]).not.toEqual(ensemble?.particles[0]);
        // The arm stands for the ensemble's own evaluation, which is no mean of accuracies.
        expect(ensemble?.ensemble).toEqual({ test: ensemble?.test, validation: ensemble?.validation });
      }
    }
  });

  test('swamp stands for the average and shows its particles and their ensemble', () => {
    for (const { seeds } of arm('swamp(2)').rounds) {
      for (const { particles, ensemble, test } of seeds) {
        expect(particles).toHaveLength(2);
        expect(ensemble).not.toBeNull();
        for (const other of [...particles, ensemble]) expect(other?.test).not.toEqual(test);
      }
    }
    for (const { seeds } of arm('imp').rounds) for (const { ensemble } of seeds) expect(ensemble).toBeNull();
  });

  test('networks learn: better than chance by far, and no ensemble of nonsense', () => {
    for (const { rounds } of comparison.arms) {
      for (const {
        test: { accuracy, nll, ece },
      } of rounds) {
        expect(accuracy).toBeGreaterThan(0.7);
        expect(accuracy).toBeLessThan(1);
        expect(nll).toBeLessThan(1.2);
        expect(ece).toBeGreaterThan(0);
        expect(ece).toBeLessThan(0.3);
      }
    }
  });

  test('the CSV holds the same numbers', async () => {
    const out = join(folder, 'figures.csv');
    const page = join(folder, 'page.html');
    const run = await swamp(['compare', ran.experiment, '--library', library, '--csv', out, '--html', page]);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toContain('swamp(2)');
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
    const [header = '', ...lines] = readFileSync(out, 'utf8').trim().split('\r\n');
    const names = header.split(',');
    const rows = lines.map((line) => new Map(line.split(',').map((cell, at) => [names[at] ?? '', cell])));
    expect(readFileSync(ran.files.table, 'utf8')).toBe(readFileSync(out, 'utf8'));
    const figures = (metrics: Metrics | null | undefined): string =>
      [metrics?.accuracy, metrics?.nll, metrics?.ece].join(' ');
    const fromCsv = rows.map((row) =>
      [
        ...['arm', 'round', 'seed', 'split', 'role', 'index', 'accuracy', 'nll', 'ece'].map((name) =>
          row.get(name),
        ),
      ].join(' '),
    );
    const fromJson = comparison.arms.flatMap(({ arm: label, rounds }) =>
      rounds.flatMap(({ round, seeds }) =>
        seeds.flatMap((seed) =>
          [
            ['arm', '', seed] as const,
            ...seed.particles.map((particle, index) => ['particle', index, particle] as const),
            ...(seed.ensemble ? [['ensemble', '', seed.ensemble] as const] : []),
          ].flatMap(([role, index, evaluation]) =>
            (['test', 'validation'] as const).map((split) =>
              [label, round, seed.seed, split, role, index, figures(evaluation[split])].join(' '),
            ),
          ),
        ),
      ),
    );
    expect(fromCsv.sort()).toEqual(fromJson.sort());
    expect(fromCsv).toHaveLength(6 * 2 * (2 + 4 + 4));
  });
});

describe('what is stored is not trained again', () => {
  const estimateOf = async (...args: string[]): Promise<PlanEstimate> => {
    const run = await swampJson<{ estimate: unknown }>([
      'run',
      file,
      '--dry-run',
      '--library',
      library,
      ...args,
    ]);
    expect(run.code, run.stderr).toBe(0);
    return PlanEstimate.parse(run.document.estimate);
  };

  test('the same experiment again', async () => {
    const plan = await estimateOf();
    expect(plan).toMatchObject({ trainings: 28, trainingsStored: 28, stepsToDo: 0, diskBytes: 0 });
    expect(plan.jobsStored).toBe(plan.jobs);
    const before = trainingsTried(library);
    expect(before).toBe(28);
    const again = await swampJson<Ran>(['run', file, '--library', library]);
    expect(again.code).toBe(0);
    expect(again.document.experiment).not.toBe(ran.experiment);
    expect(trainingsTried(library)).toBe(before);
    const compared = await swampJson(['compare', again.document.experiment, '--library', library]);
    const theirs = JSON.stringify(compared.document).replaceAll(again.document.experiment, ran.experiment);
    expect(Comparison.parse(JSON.parse(theirs))).toEqual(comparison);
  });

  test('one arm more, then another seed: only what is new', async () => {
    const before = trainingsTried(library);
    const more = ['--set', 'arms[3]={"kind":"swamp","particles":3}'];
    const plan = await estimateOf(...more);
    // Of three particles two were trained in round 0; later rounds have masks of their own. Two seeds.
    expect(plan.trainings - plan.trainingsStored).toBe(2 * (1 + 3 + 3));
    const run = await swampJson<Ran>(['run', file, '--library', library, ...more]);
    expect(run.code, run.stderr).toBe(0);
    expect(trainingsTried(library) - before).toBe(plan.trainings - plan.trainingsStored);

    // Together: what both have stands there once, with the figures it had.
    const ids = [ran.experiment, run.document.experiment];
    const compared = await swampJson(['compare', ...ids, '--library', library]);
    const together = Comparison.parse(compared.document);
    expect(together.arms.map(({ arm, alsoIn }) => [arm, alsoIn])).toEqual([
      ...comparison.arms.map(({ arm }) => [arm, [run.document.experiment]]),
      ['swamp(3)', undefined],
    ]);
    expect(together.arms[0]?.rounds).toEqual(comparison.arms[0]?.rounds);
    expect(together.experiments?.map(({ settings }) => Object.keys(settings))).toEqual([['arms'], ['arms']]);
    expect(together.pairs.map((pair) => `${pair.arm} − ${pair.baseline}`)).toContain('swamp(3) − imp');

    const seed = ['--set', 'seeds=[3]', '--set', 'arms=["imp"]'];
    expect(await estimateOf(...seed)).toMatchObject({ trainings: 4, trainingsStored: 0 });
  });
});

test('the same experiment in another library gives the same bits', async (context) => {
  const other = join(temporaryFolder(context), 'other');
  const run = await swamp(['run', file, '--library', other, '--set', 'workers=1']);
  expect(run.code, run.stderr).toBe(0);
  const theirs = resultsOf(other);
  expect(Object.keys(theirs)).toHaveLength(88);
  expect(resultsOf(library)).toMatchObject(theirs);
  const files = inLibrary(other, ({ store }) => store.usage().total);
  expect(files).toBeGreaterThan(0);
});
