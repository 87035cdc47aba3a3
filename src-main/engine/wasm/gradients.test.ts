import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { EngineBuild } from '../../contract/job.ts';
import type { Engine } from '../engine.ts';
import { loadTensorFlow } from '../tensorflow.ts';
import { loadWasm, type Wasm } from './load.ts';

// The kernels that are ours on WebAssembly, against TensorFlow's.

const build: EngineBuild = { variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] };
let tensorflow: Engine;
let wasm: Wasm;

beforeAll(async () => {
  tensorflow = loadTensorFlow(inject('engine'));
  wasm = await loadWasm(build);
});

type Tf = Engine['tf'];

/** Numbers that look random and are not; in halves, so that sums of some hundred are exact in float32. */
function halves(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => Math.round(Math.sin(at * 12.9898 + seed) * 6) / 2);
}

function tensor(tf: Tf, shape: readonly number[], seed: number): Tensor {
  return tf.tensor(
    halves(
      shape.reduce((product, side) => product * side, 1),
      seed,
    ),
    [...shape],
  );
}

/** What both engines make of the same. */
function both(compute: (tf: Tf) => Tensor[]): [ours: number[][], theirs: number[][]] {
  const [ours, theirs] = [wasm, tensorflow].map(({ tf }, index) => {
    void tf.setBackend(index === 0 ? 'wasm' : 'tensorflow');
    return tf.tidy(() => compute(tf).map((made) => [...made.shape, ...made.dataSync()]));
  });
  return [ours ?? [], theirs ?? []];
}

const explicit = (
  before: number,
  after: number,
): [[number, number], [number, number], [number, number], [number, number]] => [
  [0, 0],
  [before, after],
  [before, after],
  [0, 0],
];

describe('gradients of a convolution', () => {
  test.each([
    { title: '3×3, padded by 1', size: 8, kernel: 3, stride: 1, pad: explicit(1, 1) },
    { title: '3×3 at stride 2, padded by 1, even', size: 8, kernel: 3, stride: 2, pad: explicit(1, 1) },
    { title: '3×3 at stride 2, padded by 1, odd', size: 7, kernel: 3, stride: 2, pad: explicit(1, 1) },
    {
      title: '3×3 at stride 2 after padding of another op',
      size: 10,
      kernel: 3,
      stride: 2,
      pad: 'valid' as const,
    },
    { title: '1×1', size: 6, kernel: 1, stride: 1, pad: 'valid' as const },
    { title: '1×1 at stride 2', size: 6, kernel: 1, stride: 2, pad: 'valid' as const },
    { title: '1×1 at stride 2, odd', size: 7, kernel: 1, stride: 2, pad: 'valid' as const },
    { title: '5×5 padded by 2, at stride 3', size: 11, kernel: 5, stride: 3, pad: explicit(2, 2) },
    {
      title: '2×2 at stride 3: rows that meet no kernel',
      size: 8,
      kernel: 2,
      stride: 3,
      pad: 'valid' as const,
    },
    { title: '4×4, padded on one side only', size: 6, kernel: 4, stride: 1, pad: explicit(3, 0) },
    { title: '3×3 SAME at stride 2', size: 9, kernel: 3, stride: 2, pad: 'same' as const },
    { title: 'as large as the image', size: 5, kernel: 5, stride: 1, pad: 'valid' as const },
  ])('$title', ({ size, kernel, stride, pad }) => {
    const [ours, theirs] = both((tf) => {
      const x = tensor(tf, [3, size, size + 2, 2], 1);
      const w = tensor(tf, [kernel, kernel, 2, 5], 2);
      const convolve = (x: Tensor, w: Tensor): Tensor =>
        // tfjs-node has no gradient of a convolution with explicit padding.
        tf.getBackend() === 'tensorflow' && typeof pad !== 'string'
          ? tf.conv2d(tf.pad(x as Tensor4D, pad), w as Tensor4D, stride, 'valid')
          : tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad);
      const dy = tensor(tf, convolve(x, w).shape, 3);
      return [convolve(x, w), ...tf.grads(convolve)([x, w], dy)];
    });
    expect(ours).toEqual(theirs);
    expect(ours).toHaveLength(3);
    for (const values of ours) expect(values.slice(4).some((value) => value !== 0)).toBe(true);
  });
});

describe('matrix products', () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('transposed: %s, %s', (transposeA, transposeB) => {
    const [ours, theirs] = both((tf) => {
      const a = tensor(tf, transposeA ? [7, 5] : [5, 7], 1);
      const b = tensor(tf, transposeB ? [4, 7] : [7, 4], 2);
      const multiply = (a: Tensor, b: Tensor): Tensor => tf.matMul(a, b, transposeA, transposeB);
      return [multiply(a, b), ...tf.grads(multiply)([a, b], tensor(tf, [5, 4], 3))];
    });
    expect(ours).toEqual(theirs);
  });

  test('several at a time', () => {
    const [ours, theirs] = both((tf) => {
      const [a, b] = [tensor(tf, [3, 4, 2], 1), tensor(tf, [3, 5, 4], 2)];
      return [tf.matMul(a, b, true, true)];
    });
    expect(ours).toEqual(theirs);
  });
});

test('a full memory is told, with what to do', () => {
  const { tf } = wasm;
  void tf.setBackend('wasm');
  const before = tf.memory().numTensors;
  expect(() =>
    tf.tidy(() => {
      // Never written, so that it costs addresses only.
      for (let at = 0; at < 40; at++)
        tf.engine().makeTensorFromTensorInfo(wasm.backend.makeOutput([2 ** 25], 'float32'));
    }),
  ).toThrow(/memory.*is full/);
  expect(tf.memory().numTensors).toBe(before);
});
