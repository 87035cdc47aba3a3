import { DataError } from '../contract/errors.ts';

/**
 * Typed array of each dtype. Names of dtypes are those of safetensors. BOOL holds 0 or 1 a byte; F16 and BF16
 * are the raw 16 bits, as JavaScript has no such numbers.
 */
export interface TensorArrays {
  BOOL: Uint8Array;
  U8: Uint8Array;
  I8: Int8Array;
  I16: Int16Array;
  U16: Uint16Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I32: Int32Array;
  U32: Uint32Array;
  F32: Float32Array;
  F64: Float64Array;
  I64: BigInt64Array;
  U64: BigUint64Array;
}

export type Dtype = keyof TensorArrays;

export interface TensorOf<D extends Dtype> {
  readonly dtype: D;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /** Elements in C order; its length is the product of the shape. */
  readonly data: TensorArrays[D];
}

export type Tensor = { [D in Dtype]: TensorOf<D> }[Dtype];

/** Tensors by name. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** Free text beside the tensors, by name. */
export type TensorMetadata = Readonly<Record<string, string>>;

/** What a file of tensors holds. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: TensorMetadata;
}

interface DtypeInfo<D extends Dtype> {
  /** Bytes of one element. */
  readonly bytes: number;
  /** NumPy's name for it; `null` where NumPy has none. */
  readonly numpy: string | null;
  view(buffer: ArrayBuffer, offset: number, length: number): TensorArrays[D];
}

/** All dtypes, in the order in which files lay them out, last first (see `fileOrder`). */
export const dtypes: { readonly [D in Dtype]: DtypeInfo<D> } = {
  BOOL: { bytes: 1, numpy: '|b1', view: (buffer, offset, length) => new Uint8Array(buffer, offset, length) },
  U8: { bytes: 1, numpy: '|u1', view: (buffer, offset, length) => new Uint8Array(buffer, offset, length) },
  I8: { bytes: 1, numpy: '|i1', view: (buffer, offset, length) => new Int8Array(buffer, offset, length) },
  I16: { bytes: 2, numpy: '<i2', view: (buffer, offset, length) => new Int16Array(buffer, offset, length) },
  U16: { bytes: 2, numpy: '<u2', view: (buffer, offset, length) => new Uint16Array(buffer, offset, length) },
  F16: { bytes: 2, numpy: '<f2', view: (buffer, offset, length) => new Uint16Array(buffer, offset, length) },
  BF16: { bytes: 2, numpy: null, view: (buffer, offset, length) => new Uint16Array(buffer, offset, length) },
  I32: { bytes: 4, numpy: '<i4', view: (buffer, offset, length) => new Int32Array(buffer, offset, length) },
  U32: { bytes: 4, numpy: '<u4', view: (buffer, offset, length) => new Uint32Array(buffer, offset, length) },
  F32: { bytes: 4, numpy: '<f4', view: (buffer, offset, length) => new Float32Array(buffer, offset, length) },
  F64: { bytes: 8, numpy: '<f8', view: (buffer, offset, length) => new Float64Array(buffer, offset, length) },
  I64: {
    bytes: 8,
    numpy: '<i8',
    view: (buffer, offset, length) => new BigInt64Array(buffer, offset, length),
  },
  U64: {
    bytes: 8,
    numpy: '<u8',
    view: (buffer, offset, length) => new BigUint64Array(buffer, offset, length),
  },
};

const ranks = new Map<string, number>(Object.keys(dtypes).map((dtype, rank) => [dtype, rank]));

/** Plain code-unit order, the order of `Layout`. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The order of tensors in a file: wide dtypes first, then by name, as Python's safetensors does it, so that every
 * tensor is aligned however odd the masks between them are, and equal tensors give equal bytes in both.
 */
export function fileOrder(tensors: Tensors): [string, Tensor][] {
  const rank = (tensor: Tensor): number => ranks.get(tensor.dtype) ?? 0;
  return [...tensors].sort(([nameA, a], [nameB, b]) => rank(b) - rank(a) || byName(nameA, nameB));
}

export function isDtype(text: unknown): text is Dtype {
  return typeof text === 'string' && ranks.has(text);
}

/** Number of elements, or `null` where the shape is not a list of counts with a safe product. */
export function elements(shape: unknown): number | null {
  if (!Array.isArray(shape)) return null;
  let product = 1;
  for (const side of shape as unknown[]) {
    if (typeof side !== 'number' || !Number.isSafeInteger(side) || side < 0) return null;
    product *= side;
    if (!Number.isSafeInteger(product)) return null;
  }
  return product;
}

/**
 * A tensor over `buffer` from byte `offset`; a copy only where the offset is not aligned for the dtype.
 * The caller has checked that it lies inside.
 */
export function tensorAt(
  dtype: Dtype,
  shape: readonly number[],
  buffer: ArrayBuffer,
  offset: number,
  count: number,
): Tensor {
  const info = dtypes[dtype];
  const aligned = offset % info.bytes === 0;
  const data = aligned
    ? info.view(buffer, offset, count)
    : info.view(buffer.slice(offset, offset + count * info.bytes), 0, count);
  return { dtype, shape, data } as Tensor;
}

/** The raw little-endian bytes, not copied. Every platform that Node 24 and TensorFlow run on is little-endian. */
export function bytesOf(tensor: Tensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

/** A copy in a buffer of its own: aligned from its first byte. (A Buffer's own `slice` would share memory.) */
export function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/**
 * Checks what the types cannot say, before a tensor is written.
 * @throws RangeError naming the tensor: a fault of the caller.
 */
export function checkTensor(name: string, tensor: Tensor): void {
  const count = elements(tensor.shape);
  if (count !== tensor.data.length)
    throw new RangeError(
      `tensor ${name} has ${tensor.data.length} elements, its shape [${tensor.shape.join(', ')}] says otherwise`,
    );
  if (tensor.dtype === 'BOOL' && !isBoolean(tensor.data))
    throw new RangeError(`tensor ${name} is BOOL, but not all of its bytes are 0 or 1`);
}

/** Whether every byte is 0 or 1. */
export function isBoolean(data: Uint8Array): boolean {
  let all = 0;
  for (const byte of data) all |= byte;
  return all <= 1;
}

/**
 * The tensor `name`, which must have `dtype`.
 * @throws DataError where it is missing or of another dtype; `file` is named in the message.
 */
export function tensorNamed<D extends Dtype>(
  tensors: Tensors,
  name: string,
  dtype: D,
  file: string,
): TensorOf<D> {
  const tensor = tensors.get(name);
  if (tensor === undefined)
    throw new DataError(
      `${file} has no tensor ${name}`,
      'It was made for another model, or by another program. Check that the file is the one you mean.',
    );
  if (tensor.dtype !== dtype)
    throw new DataError(
      `tensor ${name} of ${file} is ${tensor.dtype}, not ${dtype}`,
      'Check that the file is the one you mean.',
    );
  return tensor as unknown as TensorOf<D>;
}
