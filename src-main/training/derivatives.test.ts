import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { loadWasm } from '../engine/wasm/load.ts';
import { hessianVectorProduct, lossGradient, type ProductOptions } from './derivatives.ts';
import { networkTask, randomImages, randomWeights } from './fixtures.ts';
import { distance } from './scores/fixtures.ts';
import { scoresFixture } from './scores/reference.fixture.ts';

// Gradients and Hessian-vector products against PyTorch's (scores_reference.py), relative to the vector's norm. PyTorch's
// own float32 is 2e-6 from its float64 on this network.
const BOUND = 2e-5;

let engines: Record<string, Engine>;

beforeAll(async () => {
  const wasm = await loadWasm({ variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] });
  engines = { tensorflow: loadTensorFlow(inject('engine')), wasm };
});

const { task, layout, feeds, vector, statistics } = scoresFixture();

/** Mean over the fixture's batches. */
function mean(engine: Engine, options: ProductOptions | null): Float32Array {
  const plain = { temperature: 1 };
  const program = options ? hessianVectorProduct(engine, task, options) : lossGradient(engine, task, plain);
  const sum = options ? 'product' : 'sum';
  program.write('weights', vector('weights'));
  program.write(sum, new Float32Array(layout.total));
  if (options) program.write('vector', vector('vector'));
  if (options?.statistics === 'given') program.write('statistics', statistics);
  for (const feed of feeds) program.run(feed);
  const made = program.read(sum).map((value) => value / feeds.length);
  program.dispose();
  return made;
}

describe.each(['tensorflow', 'wasm'])('on %s, as PyTorch computes it', (name) => {
  test.each([
    ['gradient', null],
    ['product', { temperature: 1, statistics: 'batch' }],
    ['frozen', { temperature: 1, statistics: 'given' }],
  ] as const)('%s', (what, options) => {
    const error = distance(mean(engines[name] as Engine, options), vector(what));
    console.log(`${name}, ${what}: ${error.toExponential(1)} of the norm`);
    expect(error).toBeLessThan(BOUND);
  });
});

describe.each(['tensorflow', 'wasm'])('on %s', (name) => {
  const SHAPE = [6, 6, 3] as const;
  const small = networkTask({ kind: 'lenet', hidden: [12, 9] }, SHAPE, 5);
  const weights = randomWeights(small.layout);
  const direction = randomWeights(small.layout, 2);
  const drawn = randomImages(16, SHAPE, 5);
  const feed = {
    images: { shape: [16, ...SHAPE], data: drawn.images },
    labels: { shape: [16], data: Int32Array.from(drawn.labels) },
  };
  const temperature = 3;

  test('H·v is the difference of gradients on both sides, and what it gives is v·g', () => {
    const engine = engines[name] as Engine;
    const gradient = lossGradient(engine, small, { temperature });
    const at = (step: number): Float32Array => {
      gradient.write(
        'weights',
        weights.map((weight, index) => weight + step * (direction[index] as number)),
      );
      gradient.write('sum', new Float32Array(weights.length));
      gradient.run(feed);
      return gradient.read('sum');
    };
    const step = 2 ** -9;
    const [before, here, after] = [at(-step), at(0), at(step)];
    gradient.dispose();
    const product = hessianVectorProduct(engine, small, { temperature, statistics: 'batch' });
    product.write('weights', weights);
    product.write('vector', direction);
    product.write('product', new Float32Array(weights.length));
    const [slope = NaN] = product.run(feed);
    const made = product.read('product');
    product.dispose();
    expect(
      distance(
        made,
        after.map((value, index) => (value - (before[index] as number)) / (2 * step)),
      ),
    ).toBeLessThan(5e-3);
    const expected = here.reduce((sum, value, index) => sum + value * (direction[index] as number), 0);
    expect(Math.abs(slope / expected - 1)).toBeLessThan(1e-4);
  });
});
