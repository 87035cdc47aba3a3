import type * as tfjs from '@tensorflow/tfjs-core';
import type { KernelFunc, NamedAttrMap, Rank, Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import type { Conv2DInfo } from '@tensorflow/tfjs-core/dist/ops/conv_util.js';

type Tf = typeof tfjs;

/**
 * Kernels that tfjs's WebAssembly backend 4.22 lacks (the gradient of a convolution with respect to its kernel) or has
 * as loops of one multiplication at a time (with respect to its input, and matrix products of transposed matrices),
 * composed from XNNPACK's convolution and matrix product; and copies that are none. Once a process.
 */
export function registerGradients(tf: Tf): void {
  register(tf, 'Conv2DBackpropFilter', (inputs, attributes) => {
    const [x, dy] = [inputs['x'], inputs['dy']] as [Tensor4D, Tensor4D];
    const filterShape = attributes['filterShape'] as [number, number, number, number];
    return filterGradient(tf, x, dy, convolutionInfo(tf, x.shape, filterShape, attributes));
  });
  register(tf, 'Conv2DBackpropInput', (inputs, attributes) => {
    const [dy, filter] = [inputs['dy'], inputs['filter']] as [Tensor4D, Tensor4D];
    const shape = attributes['inputShape'] as [number, number, number, number];
    return inputGradient(tf, dy, filter, convolutionInfo(tf, shape, filter.shape, attributes));
  });
  replace(tf, 'Identity', shared);
  const multiply = tf.getKernel('BatchMatMul', 'wasm').kernelFunc;
  replace(tf, 'BatchMatMul', ({ inputs, attrs, backend }) => {
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const [a, b] = [inputs['a'], inputs['b']] as [Tensor, Tensor];
    const plain = { transposeA: false, transposeB: false } as unknown as NamedAttrMap;
    const left = transposeA ? transposed(tf, a) : a;
    const right = transposeB ? transposed(tf, b) : b;
    const product = multiply({ inputs: { a: left, b: right }, attrs: plain, backend });
    if (transposeA) left.dispose();
    if (transposeB) right.dispose();
    return product;
  });
}

/**
 * Another handle on the same memory. tfjs's own kernel copies, and the tape takes a handle on all that a gradient will
 * need: every activation would be there twice.
 */
const shared: KernelFunc = ({ inputs, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  (backend as { incRef(id: object): void }).incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

/** A kernel made of others. */
function register(
  tf: Tf,
  kernelName: string,
  compute: (inputs: Record<string, Tensor>, attributes: NamedAttrMap) => Tensor,
): void {
  replace(tf, kernelName, ({ inputs, attrs }) =>
    tf.tidy(() => compute(inputs as Record<string, Tensor>, attrs ?? {})),
  );
}

function replace(tf: Tf, kernelName: string, kernelFunc: KernelFunc): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

function convolutionInfo(
  tf: Tf,
  input: [number, number, number, number],
  filter: [number, number, number, number],
  { strides, pad, dataFormat, dimRoundingMode }: NamedAttrMap,
): Conv2DInfo {
  type Parameters = globalThis.Parameters<typeof tf.backend_util.computeConv2DInfo>;
  if (dataFormat !== 'NHWC') throw new Error('Only images in the order NHWC are convolved.');
  return tf.backend_util.computeConv2DInfo(
    input,
    filter,
    strides as Parameters[2],
    1,
    pad as Parameters[4],
    dimRoundingMode as Parameters[5],
  );
}

function transposed(tf: Tf, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Rows or columns to be added at both ends, cut off where negative. */
type Ends = readonly [before: number, after: number];

/** Correlation at stride 1 of an image that is enlarged by zeros, or cut, at its borders. */
function correlate(
  tf: Tf,
  x: Tensor4D,
  filter: Tensor4D,
  rows: Ends,
  columns: Ends,
  dilation: [number, number] = [1, 1],
): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const cut = (end: number): number => Math.max(0, -end);
  const add = (ends: Ends): [number, number] => [Math.max(0, ends[0]), Math.max(0, ends[1])];
  const size = [batch, height - cut(rows[0]) - cut(rows[1]), width - cut(columns[0]) - cut(columns[1])];
  const whole = size[1] === height && size[2] === width;
  const image = whole
    ? x
    : tf.slice(x, [0, cut(rows[0]), cut(columns[0]), 0], [...size, channels] as Tensor4D['shape']);
  return tf.conv2d(image, filter, 1, [[0, 0], add(rows), add(columns), [0, 0]], 'NHWC', dilation);
}

/**
 * ∂w[kh, kw, ci, co] = Σ x[n, oh·s + kh − p, ow·s + kw − p, ci] · dy[n, oh, ow, co]: the correlation of x with dy as a
 * kernel dilated by s, images in the place of channels and channels of x in the place of images.
 */
function filterGradient(tf: Tf, x: Tensor4D, dy: Tensor4D, info: Conv2DInfo): Tensor4D {
  const { padInfo, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth } = info;
  // So many more that the result has the kernel's size.
  const after = (before: number, size: number, out: number, stride: number, filter: number): number =>
    (out - 1) * stride + filter - size - before;
  const rows: Ends = [padInfo.top, after(padInfo.top, inHeight, outHeight, strideHeight, filterHeight)];
  const columns: Ends = [padInfo.left, after(padInfo.left, inWidth, outWidth, strideWidth, filterWidth)];
  const made = correlate(tf, tf.transpose(x, [3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), rows, columns, [
    strideHeight,
    strideWidth,
  ]);
  return tf.transpose(made, [1, 2, 0, 3]);
}

/**
 * ∂x[ih] = Σ dy[oh] · w[kh] over oh·s + kh − p = ih, in both directions. The rows ih = f + s·q of one phase f meet only
 * every s-th row of the kernel, kh = (f + p) mod s + s·j, and there oh = q + ⌊(f + p)/s⌋ − j: a correlation of dy
 * with these rows reversed, channels in and out changed over. At stride 1 it is one; at stride 2 it is four small ones,
 * and none of their multiplications meets a zero that stands between the rows.
 */
function inputGradient(tf: Tf, dy: Tensor4D, filter: Tensor4D, info: Conv2DInfo): Tensor4D {
  const { padInfo, batchSize, inHeight, inWidth, inChannels, strideHeight, strideWidth } = info;
  const { outHeight, outWidth, filterHeight, filterWidth } = info;
  const flipped = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  const vertical = phases(inHeight, outHeight, filterHeight, padInfo.top, strideHeight);
  const horizontal = phases(inWidth, outWidth, filterWidth, padInfo.left, strideWidth);
  const part = (rows: Phase, columns: Phase): Tensor4D => {
    const shape: Tensor4D['shape'] = [batchSize, rows.count, columns.count, inChannels];
    if (rows.taps === 0 || columns.taps === 0) return tf.zeros(shape);
    const taps =
      strideHeight === 1 && strideWidth === 1
        ? flipped
        : tf.stridedSlice(
            flipped,
            [rows.first, columns.first, 0, 0],
            [filterHeight, filterWidth, ...flipped.shape.slice(2)],
            [strideHeight, strideWidth, 1, 1],
          );
    return correlate(tf, dy, taps as Tensor4D, rows.ends, columns.ends);
  };
  const lines = vertical.map((rows) =>
    interleave(
      tf,
      horizontal.map((columns) => part(rows, columns)),
      2,
      inWidth,
    ),
  );
  return interleave(tf, lines, 1, inHeight);
}

/** One of the s sets of rows (or columns) of an image that is convolved at stride s. */
interface Phase {
  /** Rows of the image in it. */
  readonly count: number;
  /** Rows of the kernel that meet them, and the first of these in the reversed kernel. */
  readonly taps: number;
  readonly first: number;
  /** Rows to be added around dy. */
  readonly ends: Ends;
}

function phases(size: number, out: number, filter: number, padding: number, stride: number): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, phase) => {
    const start = (phase + padding) % stride;
    const count = Math.ceil((size - phase) / stride);
    const taps = Math.max(0, Math.ceil((filter - start) / stride));
    const before = taps - 1 - Math.floor((phase + padding) / stride);
    return {
      count,
      taps,
      first: (filter - 1 - start) % stride,
      ends: [before, count - out - before + taps - 1],
    };
  });
}

/** Rows 0, 1, … of the result are row 0 of each part, row 1 of each part, … */
function interleave(tf: Tf, parts: readonly Tensor4D[], axis: 1 | 2, size: number): Tensor4D {
  const [first] = parts;
  if (!first || parts.length === 1) return first as Tensor4D;
  // All as long as the first; what is too much is cut off in the end.
  const length = first.shape[axis];
  const even = parts.map((part) => {
    const lacking = length - part.shape[axis];
    const ends: [number, number][] = [0, 1, 2, 3].map((at) => [0, at === axis ? lacking : 0]);
    return lacking === 0 ? part : tf.pad(part, ends);
  });
  const shape = [...first.shape];
  shape[axis] = length * parts.length;
  const all = tf.reshape<Rank.R4>(tf.stack(even, axis + 1), shape as Tensor4D['shape']);
  if (shape[axis] === size) return all;
  shape[axis] = size;
  return tf.slice(all, [0, 0, 0, 0], shape);
}
