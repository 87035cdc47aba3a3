import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { average, RunningAverage } from '../../src-main/averaging/average.ts';
import { snapshotIterations } from '../../src-main/averaging/swa.ts';
import { layOut, type Parameter } from '../../src-main/contract/parameters.ts';
import { Swa } from '../../src-main/contract/recipe.ts';
import { scoreWeights } from '../../src-main/pruning/criteria/registry.ts';
import { pruneGlobally } from '../../src-main/pruning/global.ts';
import { fullMask, maskToTensors } from '../../src-main/pruning/mask.ts';
import { aliveCounts } from '../../src-main/pruning/schedules/registry.ts';
import { ensembleProbabilities, metricsOf } from '../../src-main/training/metrics.ts';

/** Numbers that reference.py computed with NumPy; see there. */
function fixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Content;
}

interface MaskFixture {
  shapes: Record<string, number[]>;
  cases: {
    title: string;
    pruneClassifier: boolean;
    prunable: number;
    rounds: { alive: number; weights: Record<string, number[]>; mask: Record<string, string> }[];
  }[];
}

describe('global magnitude masks', () => {
  const { shapes, cases } = fixture<MaskFixture>('masks');
  const parameters = Object.entries(shapes).map(([name, shape]): Parameter => {
    const roles = { kernel: 'kernel', scale: 'scale', offset: 'offset', bias: 'bias' } as const;
    const role = roles[name.split('/').at(-1) as keyof typeof roles];
    return { name, shape, role, classifier: name.startsWith('Head') };
  });

  test.each(cases)('$title: every round to the bit', ({ pruneClassifier, prunable, rounds }) => {
    const layout = layOut(parameters, pruneClassifier);
    expect(layout.prunable).toBe(prunable);
    let mask = fullMask(layout);
    for (const round of rounds) {
      const weights = new Float32Array(layout.total);
      for (const { name, offset } of layout.parameters) weights.set(round.weights[name] ?? [], offset);
      mask = pruneGlobally(
        scoreWeights({ kind: 'magnitude' }, { weights, layout }),
        mask,
        layout,
        round.alive,
      );
      const ours = [...maskToTensors(mask, layout)].map(([name, { data }]) => [name.slice(5), data.join('')]);
      expect(Object.fromEntries(ours)).toEqual(round.mask);
    }
  });
});

test('weights that stay, by schedule', () => {
  interface Case {
    spec: { kind: string };
    prunable: number;
    alive: number[];
  }
  for (const { spec, prunable, alive } of fixture<Case[]>('counts'))
    expect(aliveCounts(spec, prunable), JSON.stringify(spec)).toEqual(alive);
});

describe('averages', () => {
  interface Mean {
    vectors: number[][];
    mean: number[];
  }
  interface Averages {
    equal: Mean[];
    running: Mean;
    snapshots: { iterations: number; iterationsPerEpoch: number; swa: object; snapshots: number[] }[];
  }
  const { equal, running, snapshots } = fixture<Averages>('averages');
  const vectorsOf = ({ vectors }: Mean): Float32Array[] => vectors.map((vector) => Float32Array.from(vector));

  test.each(equal)('of equal weights, case %#', (mean) => {
    // NumPy may add in another order, which moves the float64 sum, not the float32 result.
    expect([...average(vectorsOf(mean))]).toEqual([...Float32Array.from(mean.mean)]);
  });

  test('taken one after another', () => {
    const vectors = vectorsOf(running);
    const sums = new RunningAverage({ length: vectors[0]?.length ?? 0 });
    for (const vector of vectors) sums.add(vector);
    for (const [i, value] of sums.mean().entries()) expect(value).toBeCloseTo(running.mean[i] ?? NaN, 7);
  });

  test.each(snapshots)(
    'SWA snapshots of $iterations iterations, $swa',
    ({ swa, snapshots: due, ...span }) => {
      const parsed = Swa.parse(swa);
      if (due.length > 0) expect(snapshotIterations({ ...span, swa: parsed })).toEqual(due);
      else expect(() => snapshotIterations({ ...span, swa: parsed })).toThrow(/no snapshot/);
    },
  );
});

test('accuracy, NLL and ECE, of single solutions and of their ensemble', () => {
  interface Quality {
    classes: number;
    labels: number[];
    members: number[][];
    metrics: Record<'accuracy' | 'nll' | 'ece', number>[];
    mean: number[];
    ensemble: Record<'accuracy' | 'nll' | 'ece', number>;
  }
  const { classes, labels, members, metrics, mean, ensemble } = fixture<Quality>('metrics');
  const predictions = members.map((member) => Float32Array.from(member));
  const averaged = ensembleProbabilities(predictions);
  expect([...averaged]).toEqual([...Float32Array.from(mean)]);
  for (const [probabilities, expected] of [
    ...predictions.map((prediction, i) => [prediction, metrics[i]] as const),
    [averaged, ensemble] as const,
  ]) {
    const ours = metricsOf(probabilities, labels, classes);
    expect(ours.accuracy).toBe(expected?.accuracy);
    expect(ours.nll).toBeCloseTo(expected?.nll ?? NaN, 10);
    expect(ours.ece).toBeCloseTo(expected?.ece ?? NaN, 10);
  }
});
