import { DataError } from '../contract/errors.ts';
import { dtypes, type Tensor, type TensorOf } from './tensor.ts';

/**
 * A tensor of weights as float32. Half precision and bfloat16 are exact in it; float64 is rounded.
 * @param name For messages.
 * @throws DataError on integers and booleans, which are no weights.
 */
export function toFloat32(tensor: Tensor, name: string): TensorOf<'F32'> {
  const { dtype, shape } = tensor;
  const result = (data: Float32Array): TensorOf<'F32'> => ({ dtype: 'F32', shape, data });
  switch (tensor.dtype) {
    case 'F32':
      return tensor;
    case 'F64':
      return result(Float32Array.from(tensor.data));
    case 'F16':
      return result(Float32Array.from(tensor.data, halfToNumber));
    case 'BF16':
      // The upper half of a float32.
      return result(new Float32Array(Uint32Array.from(tensor.data, (bits) => bits << 16).buffer));
    default:
      throw new DataError(
        `tensor ${name} is ${dtype}, which is no type for weights`,
        'Save weights as F32, F16, BF16 or F64.',
      );
  }
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 mantissa bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/**
 * A mask as BOOL, 1 = kept; any type will do whose numbers are all 0 or 1. `null` where another number is in it.
 */
export function toBoolean(tensor: Tensor): TensorOf<'BOOL'> | null {
  const { shape } = tensor;
  const floats = ['F32', 'F64', 'F16', 'BF16'].includes(tensor.dtype);
  const numbers = floats ? toFloat32(tensor, '').data : tensor.data;
  const data = new Uint8Array(numbers.length);
  for (const [index, value] of numbers.entries()) {
    const number = Number(value);
    if (number !== 0 && number !== 1) return null;
    data[index] = number;
  }
  return { dtype: 'BOOL', shape, data };
}

/**
 * A tensor with its axes in another order, as NumPy's `reshape(view).transpose(axes)`; the result has the shape
 * that `shape` says.
 * @param view The sides of the tensor as it is, perhaps with one side taken apart: their product is its size.
 */
export function transposed<T extends Tensor>(
  tensor: T,
  { view, axes, shape }: { view: readonly number[]; axes: readonly number[]; shape: readonly number[] },
): T {
  const strides = view.map((_, axis) => view.slice(axis + 1).reduce((product, side) => product * side, 1));
  const sides = axes.map((axis) => view[axis] ?? 1);
  const steps = axes.map((axis) => strides[axis] ?? 1);
  const count = tensor.data.length;
  const info = dtypes[tensor.dtype];
  const data = info.view(new ArrayBuffer(count * info.bytes), 0, count);
  const at = sides.map(() => 0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    data[to] = tensor.data[from] as number & bigint;
    // Counts up as an odometer does, the last axis fastest.
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      const step = steps[axis] ?? 0;
      at[axis] = (at[axis] ?? 0) + 1;
      from += step;
      if (at[axis] !== sides[axis]) break;
      from -= step * (sides[axis] ?? 0);
      at[axis] = 0;
    }
  }
  return { ...tensor, shape, data };
}
