import type { Tensor } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeOps } from './ops.ts';
import { Program, type FeedValues, type ProgramDefinition } from './program.ts';
import { Recorder } from './recorder.ts';
import { loadTensorFlow, type TensorFlow } from './tensorflow.ts';

let tensorflow: TensorFlow;
const programs: Program[] = [];

beforeAll(() => {
  tensorflow = loadTensorFlow(inject('engine'));
});

afterAll(() => {
  for (const program of programs) program.dispose();
});

function program(definition: ProgramDefinition): Program {
  const made = new Program(tensorflow, definition);
  programs.push(made);
  return made;
}

/** A vector of `length` numbers that look random and are not. */
function numbers(length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, (_, at) => Math.sin(at * 12.9898 + 1) * scale);
}

/** Handles of tensors and of loaded graphs. */
function held(): { tensors: number; graphs: number } {
  const { binding } = tensorflow.backend;
  return { tensors: binding.getNumOfTensors(), graphs: binding.getNumOfSavedModels() };
}

/**
 * A small network's training step: convolution, batch norm, ReLU, pool, dense, cross-entropy, plain SGD.
 * @param relu TensorFlow fuses a batch norm with the ReLU that follows it, and then rounds otherwise; not so where
 *   the ReLU comes first.
 */
function smallStep(relu: 'first' | 'last' = 'first'): ProgramDefinition {
  const { tf } = tensorflow;
  const ops = makeOps(tensorflow);
  const shapes = [[3, 3, 2, 4], [4], [4], [4, 3], [3]];
  const total = shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return {
    state: { weights: [total] },
    body({ images, labels }, { weights }) {
      const x = ops.normalise(images as Tensor, [0.4, 0.5], [0.2, 0.3]);
      const { value, grads } = tf.valueAndGrads((...parts: Tensor[]) => {
        const [kernel, scale, offset, head, bias] = parts as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const norm = (y: Tensor) => ops.batchNormTraining(y, scale, offset, 1e-5);
        const y = ops.conv2d(x, kernel, 2, 1);
        const h = relu === 'first' ? norm(ops.relu(y)) : ops.relu(norm(y));
        return tf.mean(
          ops.softmaxCrossEntropy(ops.dense(ops.globalAveragePool(h), head, bias), labels as Tensor),
        );
      })(ops.split(weights as Tensor, shapes));
      const step = ops.join(grads).mul(tf.scalar(0.1));
      return { fetch: value, next: { weights: (weights as Tensor).sub(step) } };
    },
  };
}

const SMALL_TOTAL = 3 * 3 * 2 * 4 + 4 + 4 + 12 + 3;

function smallFeeds(batch: number): { images: FeedValues[string]; labels: FeedValues[string] } {
  const images = Uint8Array.from({ length: batch * 8 * 8 * 2 }, (_, at) => (at * 7919) % 256);
  const labels = Int32Array.from({ length: batch }, (_, at) => at % 3);
  return { images: { shape: [batch, 8, 8, 2], data: images }, labels: { shape: [batch], data: labels } };
}

/** What the definition computes when its ops are simply executed. */
function eager(
  definition: ProgramDefinition,
  feeds: FeedValues,
  values: Record<string, Float32Array>,
): { fetch: Float32Array; next: Record<string, Float32Array> } {
  const { tf, backend } = tensorflow;
  const { state } = definition;
  return tf.tidy(() => {
    const tensor = (shape: readonly number[], data: Float32Array | Int32Array | Uint8Array): Tensor => {
      const { binding } = backend;
      const dtype =
        data instanceof Float32Array
          ? binding.TF_FLOAT
          : data instanceof Int32Array
            ? binding.TF_INT32
            : binding.TF_UINT8;
      const id = binding.createTensor(shape, dtype, data.slice());
      return backend.createOutputTensor({ id, shape: [...shape], dtype });
    };
    const made = definition.body(
      Object.fromEntries(Object.entries(feeds).map(([name, { shape, data }]) => [name, tensor(shape, data)])),
      Object.fromEntries(
        Object.entries(state).map(([name, shape]) => [
          name,
          tensor(shape, values[name] ?? new Float32Array(0)),
        ]),
      ),
    );
    const read = (value: Tensor) => value.dataSync<'float32'>();
    const next = Object.entries(made.next ?? {}).map(([name, value]) => [name, read(value)] as const);
    return { fetch: read(made.fetch), next: Object.fromEntries(next) };
  });
}

describe('a recorded program', () => {
  test('gives what its ops give when executed one by one, bit for bit', () => {
    const definition = smallStep();
    const step = program(definition);
    let weights = numbers(SMALL_TOTAL, 0.3);
    step.write('weights', weights);
    for (let at = 0; at < 3; at++) {
      const expected = eager(definition, smallFeeds(6), { weights });
      expect(step.run(smallFeeds(6))).toEqual(expected.fetch);
      weights = expected.next['weights'] ?? new Float32Array(0);
      expect(step.read('weights')).toEqual(weights);
    }
    expect(step.recordings).toBe(1);
    expect(step.sessionMs).toBeGreaterThan(0);
  });

  test('and to a rounding where TensorFlow fuses ops', () => {
    const definition = smallStep('last');
    const step = program(definition);
    const weights = numbers(SMALL_TOTAL, 0.3);
    step.write('weights', weights);
    const expected = eager(definition, smallFeeds(6), { weights });
    expect(step.run(smallFeeds(6))[0]).toBeCloseTo(expected.fetch[0] ?? NaN, 6);
    const next = step.read('weights');
    for (const [index, value] of (expected.next['weights'] ?? []).entries())
      expect(next[index]).toBeCloseTo(value, 6);
  });

  test('records again for another batch shape, and the state moves along and back', () => {
    const definition = smallStep();
    const step = program(definition);
    let weights = numbers(SMALL_TOTAL, 0.3);
    step.write('weights', weights);
    for (const batch of [6, 4, 6, 4, 9]) {
      const expected = eager(definition, smallFeeds(batch), { weights });
      expect(step.run(smallFeeds(batch))).toEqual(expected.fetch);
      weights = expected.next['weights'] ?? new Float32Array(0);
      expect(step.read('weights')).toEqual(weights);
    }
    expect(step.recordings).toBe(3);
  });

  test('state that the body does not name stays, and is moved too', () => {
    const counter = program({
      state: { count: [2], step: [2] },
      body: ({ x }, { count, step }) => ({
        fetch: (x as Tensor).sum(),
        next: { count: (count as Tensor).add(step as Tensor) },
      }),
    });
    counter.write('count', Float32Array.of(0, 10));
    counter.write('step', Float32Array.of(1, 2));
    for (const length of [1, 1, 3, 1, 3])
      counter.run({ x: { shape: [length], data: new Float32Array(length).fill(1) } });
    expect([...counter.read('count')]).toEqual([5, 20]);
    expect([...counter.read('step')]).toEqual([1, 2]);
    counter.write('step', Float32Array.of(0, 0));
    counter.run({ x: { shape: [3], data: new Float32Array(3) } });
    expect([...counter.read('count')]).toEqual([5, 20]);
  });

  test('arrays handed over may be changed afterwards, even where a feed becomes state', () => {
    const copy = program({
      state: { last: [3], kept: [3] },
      body: ({ x }) => ({ fetch: x as Tensor, next: { last: (x as Tensor).reshape([3]) } }),
    });
    const kept = Float32Array.of(1, 2, 3);
    copy.write('last', kept);
    copy.write('kept', kept);
    kept.fill(9);
    const fed = Float32Array.of(4, 5, 6);
    const fetched = copy.run({ x: { shape: [1, 3], data: fed } });
    fed.fill(9);
    expect([...fetched]).toEqual([4, 5, 6]);
    expect([...copy.read('last')]).toEqual([4, 5, 6]);
    expect([...copy.read('kept')]).toEqual([1, 2, 3]);
    // The same while a session exists, and what was read is the reader's own.
    const written = Float32Array.of(7, 8, 9);
    copy.write('kept', written);
    written.fill(0);
    copy.read('kept').fill(0);
    fetched.fill(0);
    expect([...copy.read('kept')]).toEqual([7, 8, 9]);
    expect([...copy.read('last')]).toEqual([4, 5, 6]);
  });

  test('the old state is read before the new one is written, whichever order they are named in', () => {
    const swap = program({
      state: { a: [100_000], b: [100_000] },
      body: (_, { a, b }) => ({
        fetch: tensorflow.tf.scalar(0),
        next: {
          a: (b as Tensor).add(tensorflow.tf.scalar(1)),
          b: (a as Tensor).mul(tensorflow.tf.scalar(2)),
        },
      }),
    });
    swap.write('a', new Float32Array(100_000).fill(3));
    swap.write('b', new Float32Array(100_000).fill(5));
    for (let at = 0; at < 50; at++) swap.run({});
    // Two calls: a ← (2a) + 1, b ← 2(b + 1).
    let [a, b] = [3, 5];
    for (let at = 0; at < 50; at++) [a, b] = [Math.fround(b + 1), Math.fround(a * 2)];
    expect(swap.read('a').every((value) => value === a)).toBe(true);
    expect(swap.read('b').every((value) => value === b)).toBe(true);
  });
});

describe('what a body must not do', () => {
  const feeds = { x: { shape: [2], data: Float32Array.of(1, 2) } };
  const failing = (body: ProgramDefinition['body']): Program => {
    const made = program({ state: { s: [2] }, body });
    made.write('s', Float32Array.of(1, 2));
    return made;
  };

  test('read values', () => {
    const reading = failing(({ x }) => {
      const [value = 0] = (x as Tensor).dataSync();
      return { fetch: (x as Tensor).mul(tensorflow.tf.scalar(value)) };
    });
    const before = held();
    expect(() => reading.run(feeds)).toThrow('must not read values');
    // The binding is itself again, and nothing is left behind.
    expect([...tensorflow.tf.tidy(() => tensorflow.tf.tensor1d([1, 2]).add(1).dataSync())]).toEqual([2, 3]);
    expect(held()).toEqual(before);
  });

  test('use tensors from outside', () => {
    const outside = tensorflow.tf.tensor1d([1, 2]);
    // tfjs moves values to the backend when an op first wants them.
    outside.neg().dispose();
    expect(() => failing(({ x }) => ({ fetch: (x as Tensor).add(outside) })).run(feeds)).toThrow(
      'made before the recording',
    );
    outside.dispose();
  });

  test('change the shape of state, or forget to be given any', () => {
    expect(() =>
      failing(({ x }) => ({ fetch: x as Tensor, next: { s: (x as Tensor).sum() } })).run(feeds),
    ).toThrow('The next s has the shape [], not [2]');
    const unset = program({ state: { s: [2] }, body: ({ x }) => ({ fetch: x as Tensor }) });
    expect(() => unset.run(feeds)).toThrow('State s was never written.');
    expect(() => unset.read('s')).toThrow('State s was never written.');
    expect(() => unset.write('s', new Float32Array(3))).toThrow('State s has 2 elements, not 3.');
    expect(() => unset.write('t', new Float32Array(3))).toThrow('There is no state t.');
  });
});

test('large constants of one value become Fill ops, and the graph stays small', () => {
  const { tf, backend } = tensorflow;
  const real = backend.binding;
  const recorder = new Recorder(real);
  backend.binding = recorder.binding;
  try {
    tf.tidy(() => {
      const sum = tf.zeros([1000, 1000]).add(tf.onesLike(tf.zeros([1000, 1000])));
      recorder.sourceOf(backend.getInputTensorIds([sum])[0] ?? -1);
    });
  } finally {
    backend.binding = real;
  }
  expect(recorder.nodes.filter(({ op }) => op === 'Fill')).toHaveLength(2);
  const bytes = recorder.nodes.flatMap(({ attr }) =>
    Object.values(attr).map((value) => ('tensor' in value ? value.tensor.tensorContent.length : 0)),
  );
  expect(Math.max(...bytes)).toBeLessThan(100);
});

describe('memory', () => {
  test('disposing gives every tensor and graph back, and the program can be used again', () => {
    const before = held();
    const step = program(smallStep());
    step.write('weights', numbers(SMALL_TOTAL, 0.3));
    const first = step.run(smallFeeds(6));
    step.run(smallFeeds(4));
    expect(held().graphs).toBe(before.graphs + 2);
    step.dispose();
    expect(held()).toEqual(before);
    expect(step.recordings).toBe(0);
    expect(() => step.run(smallFeeds(6))).toThrow('State weights was never written.');
    step.write('weights', numbers(SMALL_TOTAL, 0.3));
    expect(step.run(smallFeeds(6))).toEqual(first);
  });

  test('two hundred steps with reads and writes between them leak no tensor', () => {
    const step = program(smallStep());
    step.write('weights', numbers(SMALL_TOTAL, 0.3));
    step.run(smallFeeds(6));
    step.run(smallFeeds(4));
    const before = held();
    for (let at = 0; at < 200; at++) {
      step.run(smallFeeds(at % 10 === 0 ? 4 : 6));
      if (at % 20 === 0) step.write('weights', step.read('weights'));
    }
    expect(held()).toEqual(before);
  });
});
