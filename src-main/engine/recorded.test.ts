import type { Tensor } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeOps } from './ops.ts';
import type { FeedValues, Program, ProgramDefinition } from './program.ts';
import { RecordedProgram } from './recorded.ts';
import { Recorder } from './recorder.ts';
import { loadTensorFlow, type TensorFlow } from './tensorflow.ts';
import { elementsOf, type Pieces } from './pieces.ts';

let tensorflow: TensorFlow;
const programs: Program[] = [];

beforeAll(() => {
  tensorflow = loadTensorFlow(inject('engine'));
});

afterAll(() => {
  for (const program of programs) program.dispose();
});

function program(definition: ProgramDefinition): Program {
  const made = new RecordedProgram(tensorflow, definition);
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
  return {
    state: { weights: SMALL_PIECES },
    body({ images, labels }, { weights = [] }) {
      const x = ops.normalise(images as Tensor, [0.4, 0.5], [0.2, 0.3]);
      const { value, grads } = tf.valueAndGrads((...parts: Tensor[]) => {
        const [kernel, scale, offset, head, bias] = parts as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const norm = (y: Tensor) => ops.batchNormTraining(y, scale, offset, 1e-5);
        const y = ops.conv2d(x, kernel, 2, 1);
        const h = relu === 'first' ? norm(ops.relu(y)) : ops.relu(norm(y));
        return tf.mean(
          ops.softmaxCrossEntropy(ops.dense(ops.globalAveragePool(h), head, bias), labels as Tensor),
        );
      })([...weights]);
      const next = weights.map((piece, index) => piece.sub((grads[index] as Tensor).mul(tf.scalar(0.1))));
      return { fetch: value, next: { weights: next } };
    },
  };
}

const SMALL_PIECES = [[3, 3, 2, 4], [4], [4], [4, 3], [3]];
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
    const pieces = (name: string, shapes: Pieces): Tensor[] => {
      let offset = 0;
      return shapes.map((shape) => {
        const from = offset;
        offset += elementsOf(shape);
        return tensor(shape, (values[name] ?? new Float32Array(0)).slice(from, offset));
      });
    };
    const made = definition.body(
      Object.fromEntries(Object.entries(feeds).map(([name, { shape, data }]) => [name, tensor(shape, data)])),
      Object.fromEntries(Object.entries(state).map(([name, shapes]) => [name, pieces(name, shapes)])),
    );
    const read = (value: Tensor) => value.dataSync<'float32'>();
    const next = Object.entries(made.next ?? {}).map(
      ([name, parts]) => [name, Float32Array.from(parts.flatMap((part) => [...read(part)]))] as const,
    );
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
      state: { count: [[2]], step: [[2]] },
      body: ({ x }, { count = [], step = [] }) => ({
        fetch: (x as Tensor).sum(),
        next: { count: [(count[0] as Tensor).add(step[0] as Tensor)] },
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
      state: { last: [[3]], kept: [[1, 2], [1]] },
      body: ({ x }) => ({ fetch: x as Tensor, next: { last: [(x as Tensor).reshape([3])] } }),
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
      state: { a: [[100_000]], b: [[100_000]] },
      body: (_, { a = [], b = [] }) => ({
        fetch: tensorflow.tf.scalar(0),
        next: {
          a: [(b[0] as Tensor).add(tensorflow.tf.scalar(1))],
          b: [(a[0] as Tensor).mul(tensorflow.tf.scalar(2))],
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

test('states can change places, and the old value be fetched', () => {
  const swap = program({
    state: { a: [[50_000]], b: [[50_000]] },
    body: (_, { a = [], b = [] }) => ({ fetch: a[0] as Tensor, next: { b: a, a: b } }),
  });
  swap.write('a', new Float32Array(50_000).fill(3));
  swap.write('b', new Float32Array(50_000).fill(5));
  for (let at = 0; at < 30; at++) {
    const [before, after] = at % 2 === 0 ? [3, 5] : [5, 3];
    expect(swap.run({}).every((value) => value === before)).toBe(true);
    expect(swap.read('a').every((value) => value === after)).toBe(true);
    expect(swap.read('b').every((value) => value === before)).toBe(true);
  }
});

describe('a descent in place', () => {
  const pieces = [[2, 3], [4]];
  const [rate, factor] = [0.3, 0.7];
  const gradient = numbers(10, 2);

  /** Descends along the feed; `alsoRead` has the body use the values that are about to change. */
  function descending(momentum: boolean, alsoRead: boolean): Program {
    const made = program({
      state: { w: pieces, v: pieces },
      body: ({ g }, { w = [], v = [] }) => {
        const { tf } = tensorflow;
        const read = alsoRead ? tf.addN([...w, ...v].map((piece) => piece.sum())) : tf.scalar(0);
        return {
          fetch: read,
          descent: {
            weights: 'w',
            momentum: momentum ? { velocity: 'v', factor } : null,
            gradients: [(g as Tensor).slice([0], [6]).reshape([2, 3]), (g as Tensor).slice([6], [4])],
            rate: tf.scalar(rate),
          },
        };
      },
    });
    made.write('w', numbers(10));
    made.write('v', numbers(10, 0.5));
    return made;
  }

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('with momentum %s, read besides %s', (momentum, alsoRead) => {
    const made = descending(momentum, alsoRead);
    let [w, v] = [numbers(10), numbers(10, 0.5)];
    const { fround } = Math;
    for (let at = 0; at < 4; at++) {
      const before = [...w, ...v].reduce((sum, value) => sum + value, 0);
      const [fetched = NaN] = made.run({ g: { shape: [10], data: gradient } });
      // What was read is what was there before.
      expect(fetched).toBeCloseTo(alsoRead ? before : 0, 5);
      if (momentum) v = v.map((value, index) => fround(value * fround(factor)) + (gradient[index] ?? NaN));
      const direction = momentum ? v : gradient;
      w = w.map((value, index) => value - fround(fround(rate) * (direction[index] ?? NaN)));
      expect(made.read('w')).toEqual(w);
      expect(made.read('v')).toEqual(v);
    }
    // What was read before stays as it was: kernels that work in place must not touch it.
    const kept = made.read('w');
    const copy = kept.slice();
    made.run({ g: { shape: [10], data: gradient } });
    expect(kept).toEqual(copy);
  });

  test('of gradients that do not fit is refused', () => {
    const made = program({
      state: { w: pieces },
      body: ({ g }) => ({
        fetch: g as Tensor,
        descent: { weights: 'w', momentum: null, gradients: [g as Tensor], rate: tensorflow.tf.scalar(1) },
      }),
    });
    made.write('w', numbers(10));
    expect(() => made.run({ g: { shape: [10], data: gradient } })).toThrow(
      'The next w has the shape [10], not [2,3], [4]',
    );
  });
});

describe('what a body must not do', () => {
  const feeds = { x: { shape: [2], data: Float32Array.of(1, 2) } };
  const failing = (body: ProgramDefinition['body']): Program => {
    const made = program({ state: { s: [[2]] }, body });
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
      failing(({ x }) => ({ fetch: x as Tensor, next: { s: [(x as Tensor).sum()] } })).run(feeds),
    ).toThrow('The next s has the shape [], not [2]');
    const unset = program({ state: { s: [[2]] }, body: ({ x }) => ({ fetch: x as Tensor }) });
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
