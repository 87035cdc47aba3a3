import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { NamedSpec } from '../../contract/recipe.ts';
import type { Engine } from '../../engine/engine.ts';
import { loadTensorFlow } from '../../engine/tensorflow.ts';
import { loadWasm } from '../../engine/wasm/load.ts';
import { aliveCount, applyMask, fullMask, perLayerAlive } from '../../pruning/mask.ts';
import { chooseMask } from '../../pruning/scopes/registry.ts';
import { Stopped } from '../context.ts';
import { MemoryPartial, networkTask, randomImages, randomMask, randomWeights } from '../fixtures.ts';
import { scoresFixture } from './reference.fixture.ts';
import {
  distance,
  inputsOf,
  only,
  prunableIndices,
  rankCorrelation,
  withSumOf,
  type Given,
} from './fixtures.ts';
import { equalParts, takeTurns } from './images.ts';
import { scoresOf } from './registry.ts';
import { stepCount } from './synflow.ts';

// Scores against PyTorch's in float64 (scores_reference.py), on both engines: relative to the vector's norm, and their order.
const BOUND = 2e-5;

let engines: Record<string, Engine>;

beforeAll(async () => {
  const wasm = await loadWasm({ variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] });
  engines = { tensorflow: loadTensorFlow(inject('engine')), wasm };
});

const fixture = scoresFixture();
const { task, layout, shape, feeds, temperature } = fixture;
const images = Uint8Array.from(feeds.flatMap(({ images }) => [...images.data]));
const labels = Uint8Array.from(feeds.flatMap(({ labels }) => [...labels.data]));
const prunable = prunableIndices(layout);
const alive = Math.floor(layout.prunable * (1 - fixture.sparsity) + 0.5);

function onFixture(engine: string, method: NamedSpec): Given {
  const weights = fixture.vector('weights');
  return { engine: engines[engine] as Engine, network: task, shape, images, labels, weights, method, alive };
}

describe.each(['tensorflow', 'wasm'])('on %s', (engine) => {
  test.each([
    ['snip', { kind: 'snip' }, 1],
    // PyTorch's are −w·Hg, of which the largest go; ours are to be kept.
    ['grasp', { kind: 'grasp', temperature, batch: 100 }, -1],
    ['synflow', { kind: 'synflow', steps: 1 }, 1],
  ])('every score of %s is PyTorch’s, in the same order', async (name, method, sign) => {
    const made = only(await scoresOf(method, inputsOf(onFixture(engine, method))), prunable);
    const theirs = fixture.prunable(name).map((score) => sign * score);
    // SynFlow's have a factor of their own (flow.ts), one for all.
    const ours = name === 'synflow' ? withSumOf(made, theirs, prunable) : made;
    const [error, order] = [distance(ours, theirs), rankCorrelation(ours, theirs, prunable)];
    console.log(
      `${engine}, ${name}: ${error.toExponential(1)} of the norm, rank correlation 1 − ${1 - order}`,
    );
    expect(error).toBeLessThan(BOUND);
    expect(order).toBeGreaterThan(1 - 1e-6);
  });

  test('the mask of synflow after 100 steps is PyTorch’s, to the weight', async () => {
    const method = { kind: 'synflow' };
    const given = inputsOf(onFixture(engine, method));
    const scores = await scoresOf(method, given);
    const mask = chooseMask(undefined, { scores, mask: fullMask(layout), layout, alive });
    const differ = prunable.filter((at) => mask[at] !== fixture.mask[at]);
    expect(aliveCount(mask, layout)).toBe(alive);
    expect(differ).toEqual([]);
  });
});

describe('in networks too deep for float32', () => {
  const SHAPE = [8, 8, 3] as const;
  const deep = networkTask({ kind: 'resnet', depth: 20, width: 16 }, SHAPE, 10);
  const weights = randomWeights(deep.layout, 4).map((weight) => 64 * weight);
  const { prunable, parameters } = deep.layout;

  test('the flow is finite, and every layer lets as much of it through', async () => {
    const method = { kind: 'synflow', steps: 1 };
    const data = randomImages(10, SHAPE, 10);
    const inputs = inputsOf({
      engine: engines['tensorflow'] as Engine,
      network: deep,
      ...data,
      weights,
      method,
      alive: prunable / 10,
    });
    const scores = await scoresOf(method, inputs);
    expect(scores.every((score) => Number.isFinite(score) && score >= 0)).toBe(true);
    // Conservation (Tanaka et al. 2020, theorem 1): the stem's scores sum to R, as do those of a block and its shortcut.
    const sums = new Map(
      parameters
        .filter(({ role }) => role === 'kernel')
        .map(({ name, offset, size }) => [
          name,
          scores.subarray(offset, offset + size).reduce((sum, score) => sum + score, 0),
        ]),
    );
    const stem = sums.get('stem/kernel') ?? NaN;
    expect(stem).toBeGreaterThan(0);
    for (const stage of ['stage2', 'stage3']) {
      const first = `${stage}/block1`;
      const through =
        (sums.get(`${first}/conv2/kernel`) ?? NaN) + (sums.get(`${first}/shortcut/kernel`) ?? NaN);
      expect(through / stem).toBeCloseTo(1, 3);
    }
  });
});

describe('whatever scores', () => {
  const SHAPE = [6, 6, 3] as const;
  const small = networkTask({ kind: 'resnet', depth: 8, width: 2 }, SHAPE, 5);
  const methods = ['random', 'snip', 'grasp', 'synflow'];
  const given = (kind: string, seed = 1): Given => {
    const mask = randomMask(small.layout, 3);
    const weights = randomWeights(small.layout);
    applyMask(weights, mask);
    const data = randomImages(60, SHAPE, 5);
    const alive = Math.floor(small.layout.prunable / 5);
    const engine = engines['tensorflow'] as Engine;
    return { engine, network: small, ...data, weights, method: { kind }, alive, mask, seed };
  };
  const maskOf = async (one: Given): Promise<Uint8Array> => {
    const inputs = inputsOf(one);
    const scores = await scoresOf(one.method, inputs);
    return chooseMask(undefined, { scores, mask: inputs.mask, layout: small.layout, alive: one.alive });
  };

  test.each(methods)(
    '%s keeps exactly as many as are asked for, of those that are alive; again the same',
    async (kind) => {
      const one = given(kind);
      const mask = await maskOf(one);
      expect(aliveCount(mask, small.layout)).toBe(one.alive);
      expect(mask.some((bit, at) => bit === 1 && one.mask?.[at] === 0)).toBe(false);
      expect(await maskOf(given(kind))).toEqual(mask);
      const other = await maskOf(given(kind, 2));
      // Only chance and data hang on the seed.
      expect(Buffer.compare(other, mask) === 0).toBe(kind === 'synflow');
    },
  );

  test.each(['snip', 'grasp', 'synflow'])('%s can be stopped', async (kind) => {
    const inputs = inputsOf({ ...given(kind), stopRequested: () => true });
    await expect(scoresOf({ kind }, inputs)).rejects.toThrow(Stopped);
  });

  test.each([3, 8])(
    'synflow stopped in pass %i goes on from the mask before it, to the same scores',
    async (pass) => {
      const method = { kind: 'synflow', steps: 10 };
      const whole = await scoresOf(method, inputsOf(given('synflow')));
      const partial = new MemoryPartial();
      const attempt = async (last: number) => {
        const passes: number[] = [];
        const inputs = inputsOf({ ...given('synflow'), stopRequested: () => passes.at(-1) === last });
        const progress = ({ iteration }: { iteration: number }): void => void passes.push(iteration);
        const scores = await scoresOf(method, {
          ...inputs,
          context: { ...inputs.context, partial, progress },
        }).catch((error: unknown) => error);
        return { passes, scores };
      };
      const stopped = await attempt(pass);
      expect(stopped.scores).toBeInstanceOf(Stopped);
      expect(stopped.passes).toHaveLength(pass);
      const resumed = await attempt(Infinity);
      expect(resumed.passes[0]).toBe(pass);
      expect(resumed.scores).toEqual(whole);
    },
  );

  test('synflow is saved on the way where checkpoints are asked for, for what dies without a word', async () => {
    const partial = new MemoryPartial();
    const inputs = inputsOf(given('synflow'));
    const checkpoints = { atEpochSeconds: 0, seconds: 0 };
    await scoresOf(
      { kind: 'synflow', steps: 5 },
      { ...inputs, context: { ...inputs.context, partial, checkpoints } },
    );
    expect(partial.saves).toBe(5);
  });

  test('synflow goes down within the scope: no layer is emptied by a uniform one', async () => {
    const one = given('synflow');
    const inputs = inputsOf(one);
    const scope = { kind: 'uniform' };
    const scores = await scoresOf(one.method, { ...inputs, spec: { ...inputs.spec, scope } });
    const mask = chooseMask(scope, { scores, mask: inputs.mask, layout: small.layout, alive: one.alive });
    const left = perLayerAlive(mask, small.layout);
    for (const { name, size, prunable } of small.layout.parameters)
      if (prunable)
        expect(Math.abs((left.get(name) ?? 0) / size - one.alive / small.layout.prunable)).toBeLessThan(0.1);
  });
});

describe('images that are scored on', () => {
  test('take turns by class, as many of each as asked for or as there are', () => {
    const labels = Uint8Array.from([0, 0, 0, 1, 2, 2, 2, 0]);
    expect([...takeTurns(Int32Array.from([7, 6, 5, 4, 3, 2, 1, 0]), labels, 3, 2)]).toEqual([7, 3, 6, 2, 5]);
  });

  test('are divided into equal steps of as many as may be, an even number', () => {
    const of = (count: number, most: number): number[] =>
      equalParts(
        Int32Array.from({ length: count }, (_, at) => at),
        most,
      ).map(({ length }) => length);
    expect(of(100, 100)).toEqual([100]);
    expect(of(100, 64)).toEqual([50, 50]);
    expect(of(101, 50)).toEqual([32, 32, 32]);
    expect(of(3, 50)).toEqual([2]);
  });
});

test('densities on the way fall by the same factor', () => {
  expect([0.25, 0.5, 0.75, 1].map((share) => stepCount(10_000, 1, share))).toEqual([1000, 100, 10, 1]);
});
