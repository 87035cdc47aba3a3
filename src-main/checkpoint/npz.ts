import { readFileSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import { zipSync, type Zippable } from 'fflate';
import { ConfigError, DataError } from '../contract/errors.ts';
import { fileError, writeAtomically, type WrittenFile } from './files.ts';
import type { ExportFormat } from './format.ts';
import {
  byName,
  bytesOf,
  checkTensor,
  dtypes,
  elements,
  isBoolean,
  ownBuffer,
  tensorAt,
  type Dtype,
  type Tensor,
  type TensorFile,
  type TensorMetadata,
  type Tensors,
} from './tensor.ts';

/**
 * NumPy's .npz: a zip of .npy files (format 1.0), one a tensor, which numpy.load opens without pickle. Names may
 * hold slashes. Metadata is JSON in the member `__metadata__`, a string array without dimensions:
 * `json.loads(str(numpy.load(path)["__metadata__"]))`.
 */

const metadataName = '__metadata__';
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** zip without its 64-bit extension counts in 32 bits, and members in 16. */
const largestZip = 0xffffffff;
const mostMembers = 0xffff;

/** Deflated: pruned weights and masks are mostly zeros. The fixed date keeps the bytes the same. */
function encodeNpz(tensors: Tensors, metadata: TensorMetadata): Uint8Array {
  const members: Zippable = {};
  let total = 0;
  const add = (name: string, bytes: Uint8Array): void => {
    members[`${name}.npy`] = bytes;
    total += bytes.byteLength;
  };
  for (const [name, tensor] of [...tensors].sort(([a], [b]) => byName(a, b))) {
    if (name === metadataName) throw new RangeError(`a tensor cannot be called ${metadataName}`);
    checkTensor(name, tensor);
    add(name, encodeNpy(name, tensor));
  }
  const pairs = Object.entries(metadata).sort(([a], [b]) => byName(a, b));
  if (pairs.length > 0) add(metadataName, encodeText(JSON.stringify(Object.fromEntries(pairs))));
  if (total > largestZip || Object.keys(members).length > mostMembers)
    throw new ConfigError(
      `${total} bytes in ${Object.keys(members).length} tensors are more than an .npz file can hold`,
      'Export as safetensors.',
    );
  return zipSync(members, { level: 6, mtime: new Date(1980, 0, 1) });
}

function encodeNpy(name: string, tensor: Tensor): Uint8Array {
  const descr = dtypes[tensor.dtype].numpy;
  if (descr === null)
    throw new ConfigError(
      `tensor ${name} is ${tensor.dtype}, which NumPy does not have`,
      'Export as safetensors.',
    );
  return npy(descr, tensor.shape, bytesOf(tensor));
}

/** A 0-dimensional string array: UTF-32, little-endian. */
function encodeText(text: string): Uint8Array {
  const points = Uint32Array.from([...text], (character) => character.codePointAt(0) ?? 0);
  return npy(`<U${points.length}`, [], new Uint8Array(points.buffer));
}

function npy(descr: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`;
  // Header and magic fill a multiple of 64 bytes, and the header ends with a line feed.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const file = new Uint8Array(10 + length + data.byteLength);
  file.set([...magic, 1, 0, length & 255, length >> 8]);
  file.set(new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`), 10);
  file.set(data, 10 + length);
  return file;
}

/**
 * Writes a file that is either complete or not there.
 * @throws ConfigError where NumPy has no such dtype or the file would be too large for a zip; LibraryError where
 * it cannot be written.
 */
export function writeNpz(path: string, tensors: Tensors, metadata: TensorMetadata = {}): WrittenFile {
  return writeAtomically(path, [encodeNpz(tensors, metadata)]);
}

/**
 * Reads a file of numeric arrays in C order, ours or one of numpy.savez or savez_compressed; checksums are verified.
 * @throws DataError naming the file and what is wrong with it; LibraryError where it cannot be read at all.
 */
export function readNpz(path: string): TensorFile {
  try {
    return decodeNpz(readFileSync(path), path);
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}

/** @throws DataError naming `file` and what is wrong with it. */
export function decodeNpz(bytes: Uint8Array, file: string): TensorFile {
  const tensors = new Map<string, Tensor>();
  let metadata: TensorMetadata = {};
  for (const member of unzip(bytes, file)) {
    if (!member.name.endsWith('.npy')) throw damaged(file, `its member ${member.name} is not an .npy file`);
    const name = member.name.slice(0, -4);
    const array = parseNpy(member.data, name, file);
    if (name === metadataName) metadata = parseMetadata(array, file);
    else tensors.set(name, toTensor(array, name, file));
  }
  return { tensors, metadata };
}

function damaged(file: string, what: string): DataError {
  return new DataError(
    `${file} is not a sound .npz file: ${what}`,
    'The file is truncated, damaged or of another kind. Copy or make it again.',
  );
}

interface Member {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Walks the central directory, as it alone has sizes and checksums for every writer. */
function* unzip(bytes: Uint8Array, file: string): Generator<Member> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const inside = (offset: number, length: number): void => {
    if (offset + length > bytes.byteLength) throw damaged(file, 'it ends too early');
  };
  const end = findEnd(view, file);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    inside(at, 46);
    if (view.getUint32(at, true) !== 0x02014b50) throw damaged(file, 'its directory is broken');
    const method = view.getUint16(at + 10, true);
    const checksum = view.getUint32(at + 16, true);
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    inside(at + 46, nameLength);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    inside(local, 30);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    inside(start, packed);
    const data = unpack(bytes.subarray(start, start + packed), method, size, name, file);
    if (data.byteLength !== size || crc32(data) !== checksum)
      throw damaged(file, `the checksum of ${name} is wrong`);
    yield { name, data };
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

/** The end-of-directory record; a comment of up to 65,535 bytes may follow it. */
function findEnd(view: DataView, file: string): number {
  const first = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= first; at -= 1)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  throw damaged(file, 'it has no zip directory');
}

function unpack(packed: Uint8Array, method: number, size: number, name: string, file: string): Uint8Array {
  if (method === 0) return packed;
  if (method !== 8) throw damaged(file, `${name} is packed by the unknown method ${method}`);
  // Deflate reaches 1032 : 1 at most; a size beyond it is a lie that would cost memory.
  if (size > packed.byteLength * 1032) throw damaged(file, `${name} claims the impossible size ${size}`);
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw damaged(file, `${name} cannot be unpacked`);
  }
}

interface NumpyArray {
  readonly descr: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly data: ArrayBuffer;
}

function parseNpy(bytes: Uint8Array, name: string, file: string): NumpyArray {
  const major = bytes[6];
  if (bytes.byteLength < 12 || magic.some((byte, index) => bytes[index] !== byte))
    throw damaged(file, `${name} is not an .npy file`);
  if (major !== 1 && major !== 2 && major !== 3)
    throw damaged(file, `${name} has the unknown .npy version ${major}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, length] = major === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (start + length > bytes.byteLength) throw damaged(file, `the header of ${name} is cut off`);
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const match =
    /^\{'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*\d*)\),? ?\}\s*$/.exec(
      header,
    );
  if (match === null) throw damaged(file, `the header of ${name} is not that of a plain array`);
  const [, descr = '', fortran, sides = ''] = match;
  if (fortran === 'True')
    throw new DataError(
      `array ${name} of ${file} is in Fortran order`,
      'Save it again as numpy.ascontiguousarray(array).',
    );
  const shape = sides.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]));
  const count = elements(shape);
  if (count === null) throw damaged(file, `${name} has the impossible shape (${sides})`);
  return { descr, shape, count, data: ownBuffer(bytes.subarray(start + length)) };
}

const byDescr = new Map<string, Dtype>(
  (Object.keys(dtypes) as Dtype[]).flatMap((dtype) => {
    const descr = dtypes[dtype].numpy;
    return descr === null ? [] : [[descr, dtype] as const];
  }),
);

function toTensor(array: NumpyArray, name: string, file: string): Tensor {
  const dtype = byDescr.get(array.descr);
  if (dtype === undefined)
    throw new DataError(
      `array ${name} of ${file} has the dtype ${array.descr}, which is not supported`,
      `Save it as one of ${[...byDescr.keys()].join(', ')}.`,
    );
  const bytes = array.count * dtypes[dtype].bytes;
  if (bytes !== array.data.byteLength)
    throw damaged(file, `${name} needs ${bytes} bytes for its shape and has ${array.data.byteLength}`);
  const tensor = tensorAt(dtype, array.shape, array.data, 0, array.count);
  if (tensor.dtype === 'BOOL' && !isBoolean(tensor.data))
    throw damaged(file, `${name} is boolean with bytes other than 0 and 1`);
  return tensor;
}

function parseMetadata(array: NumpyArray, file: string): TensorMetadata {
  const wrong = (): DataError => damaged(file, `${metadataName} is not a JSON object of texts`);
  const width = /^<U(\d+)$/.exec(array.descr)?.[1];
  if (width === undefined || array.data.byteLength !== array.count * Number(width) * 4) throw wrong();
  try {
    let text = '';
    for (const point of new Uint32Array(array.data)) text += String.fromCodePoint(point);
    const value: unknown = JSON.parse(text.replace(/\0+$/, ''));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong();
    const pairs = Object.entries(value);
    if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')) throw wrong();
    return Object.fromEntries(pairs);
  } catch {
    throw wrong();
  }
}

export const npz: ExportFormat = {
  kind: 'npz',
  extension: '.npz',
  title: 'NumPy archive (numpy.load)',
  write: writeNpz,
  read: readNpz,
};
