import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { EngineBuild } from '../contract/job.ts';
import type { Engine } from '../engine/engine.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { loadWasm } from '../engine/wasm/load.ts';
import { aliveCount } from '../pruning/mask.ts';
import { Stopped } from './context.ts';
import { bits, MemoryPartial, undisturbed } from './fixtures.ts';
import {
  bitsOf,
  caseTask,
  caseTraining,
  distance,
  flatOf,
  runCase,
  type DynamicCase,
  type DynamicReference,
} from './group.fixture.ts';
import { runGroup } from './group.ts';

// PyTorch's masks after every update, and its weights at the end (e2e/verify/dynamic_reference.py).
const reference = JSON.parse(
  readFileSync(new URL('../../e2e/verify/fixtures/dynamic.json', import.meta.url), 'utf8'),
) as DynamicReference;
const cases = reference.cases.map((one) => [one.name, one] as const);
const caseOf = (name: string): DynamicCase => {
  const found = reference.cases.find((one) => one.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return found;
};

const build: EngineBuild = { variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] };
let tensorflow: Engine;
let wasm: Engine;
beforeAll(async () => {
  tensorflow = loadTensorFlow(inject('engine'));
  wasm = await loadWasm(build);
});

/** PyTorch's float32 leaves its float64 by less (6e-5 in the worst case); batch norm over few values is steep. */
const NEAR = 5e-4;

describe.each([
  ['TensorFlow', () => tensorflow],
  ['WebAssembly', () => wasm],
])('as in PyTorch, on %s', (_engine, engine) => {
  test.each(cases)('%s: the mask of every update, the weights at the end', async (_name, one) => {
    const { layout } = caseTask(reference, one);
    const { weights, mask, masks, steps } = await runCase(engine(), reference, one, undisturbed());
    expect(masks.length).toBeGreaterThan(1);
    expect(new Set(masks).size).toBeGreaterThan(1);
    for (const [update, theirs] of one.masks.entries())
      expect(masks[update] === theirs, `update ${update}`).toBe(true);
    expect(masks).toHaveLength(one.masks.length);
    expect(bitsOf(mask, layout)).toBe(one.masks.at(-1));
    expect(steps).toBe(one.particles * one.steps);
    expect(weights).toHaveLength(one.particles);
    for (const [particle, theirs] of one.final.entries())
      expect(distance(weights[particle] as Float32Array, flatOf(layout, theirs))).toBeLessThan(NEAR);
  });
});

test.each(cases)(
  '%s ends with exactly its count, and pruned weights are +0 to the bit',
  async (_name, one) => {
    const { layout } = caseTask(reference, one);
    const { weights, mask } = await runCase(tensorflow, reference, one, undisturbed());
    expect(aliveCount(mask, layout)).toBe(one.end);
    for (const each of weights) {
      const values = bits(each);
      expect([...mask.keys()].filter((at) => mask[at] === 0 && values[at] !== 0)).toEqual([]);
    }
  },
);

describe('stopped and resumed', () => {
  /** Draws that are the same whenever an update is asked for them, as a job's are. */
  const seeded = (iteration: number) => {
    let state = iteration + 1;
    return (range: number): number => (state = (state * 48271) % 2147483647) % range;
  };

  async function run(
    one: DynamicCase,
    partial: MemoryPartial,
    at: { particle: number; iteration: number } | null,
  ) {
    const now = { here: false };
    const training = caseTraining(tensorflow, reference, one, [], {
      onBatch(particle, iteration) {
        if (particle !== at?.particle || iteration !== at.iteration) return;
        // Longer than the interval at which a training listens.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
        now.here = true;
      },
    });
    const context = { partial, progress: () => undefined, stopRequested: () => now.here };
    return await runGroup({ ...training, drawFor: seeded }, context);
  }

  test.each(cases)(
    '%s: anywhere, several times, it ends with the same bits and series',
    async (_name, one) => {
      const expected = await run(one, new MemoryPartial(), null);
      const partial = new MemoryPartial();
      const last = one.particles - 1;
      // In the first stretch, in the middle, and near the end, in the last particle.
      const stops = [
        { particle: 0, iteration: 2 },
        { particle: 0, iteration: 10 },
        { particle: last, iteration: one.steps - 2 },
      ];
      for (const at of stops) await expect(run(one, partial, at)).rejects.toBeInstanceOf(Stopped);
      expect(partial.saves).toBe(stops.length);
      const resumed = await run(one, partial, null);
      expect(resumed.mask).toEqual(expected.mask);
      for (const [particle, weights] of expected.weights.entries())
        expect(bits(resumed.weights[particle] as Float32Array)).toEqual(bits(weights));
      expect(resumed.series).toEqual(expected.series);
      expect(resumed.steps).toBeLessThan(expected.steps / 2);
    },
  );

  test('a crash goes on from the last checkpoint, which comes with time', async () => {
    const one = caseOf('rigl+swamp');
    const expected = await run(one, new MemoryPartial(), null);
    // In a stretch, on the batch of a gradient, in the averaging phase.
    for (const [particle, iteration] of [
      [1, 3],
      [0, 8],
      [1, 17],
    ] as const) {
      const partial = new MemoryPartial();
      const training = caseTraining(tensorflow, reference, one, [], {
        onBatch(whose, at) {
          if (whose === particle && at === iteration) throw new Error('crash');
        },
      });
      const context = { ...undisturbed(), partial, checkpoints: { atEpochSeconds: 0, seconds: 0 } };
      await expect(runGroup({ ...training, drawFor: seeded }, context)).rejects.toThrow('crash');
      expect(partial.saves).toBeGreaterThan(2);
      const resumed = await run(one, partial, null);
      expect(bits(resumed.weights[2] as Float32Array)).toEqual(bits(expected.weights[2] as Float32Array));
      expect(resumed.mask).toEqual(expected.mask);
      expect(resumed.series).toEqual(expected.series);
    }
  });
});

test('the series are means over the particles, by epoch', async () => {
  const one = caseOf('rigl+swamp');
  const { series } = await runCase(tensorflow, reference, one, undisturbed());
  expect(series['iteration']).toEqual([5, 10, 15, 20]);
  expect(series['learningRate']).toEqual(Array(4).fill(Math.fround(reference.rate)));
  expect(series['loss']?.every((loss) => loss > 0 && loss < 10)).toBe(true);
  expect(series['accuracy']?.every((accuracy) => accuracy >= 0 && accuracy <= 1)).toBe(true);
});

test('a training that diverges says so, and what to do', async () => {
  const training = caseTraining(tensorflow, reference, caseOf('dpf'), []);
  await expect(runGroup({ ...training, rate: () => 1e20 }, undisturbed())).rejects.toThrow(
    /The training diverged: the loss is \S+ at iteration \d+/,
  );
});
