import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DataError } from '../contract/errors.ts';
import { fileError, writeAtomically, type WrittenFile } from './files.ts';
import type { ExportFormat } from './format.ts';
import {
  byName,
  bytesOf,
  checkTensor,
  dtypes,
  elements,
  fileOrder,
  isBoolean,
  isDtype,
  ownBuffer,
  tensorAt,
  type Dtype,
  type Tensor,
  type TensorFile,
  type TensorMetadata,
  type Tensors,
} from './tensor.ts';

/**
 * safetensors (https://github.com/huggingface/safetensors, format of version 0.3 and later): length of the
 * header as u64 little-endian, the header as JSON padded with spaces to a multiple of 8, then the tensors' raw
 * little-endian bytes without gaps.
 */

/** The reference reader refuses longer headers, so do we. */
const longestHeader = 100_000_000;
const metadataName = '__metadata__';

/**
 * The file's bytes in chunks; tensors are not copied. The same content gives the same bytes, which are those
 * that Python's safetensors writes (0.8.0), with metadata sorted by name.
 * @throws RangeError where a tensor does not match its shape.
 */
export function encodeSafetensors(tensors: Tensors, metadata: TensorMetadata = {}): Uint8Array[] {
  const fields: string[] = [];
  const pairs = Object.entries(metadata).sort(([a], [b]) => byName(a, b));
  if (pairs.length > 0) fields.push(`"${metadataName}":${JSON.stringify(Object.fromEntries(pairs))}`);
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of fileOrder(tensors)) {
    if (name === metadataName) throw new RangeError(`a tensor cannot be called ${metadataName}`);
    checkTensor(name, tensor);
    const bytes = bytesOf(tensor);
    const end = offset + bytes.byteLength;
    const entry = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    chunks.push(bytes);
    offset = end;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const header = new Uint8Array(8 + Math.ceil(json.byteLength / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.byteLength - 8), true);
  header.set(json, 8);
  return [header, ...chunks];
}

/**
 * Writes a file that is either complete or not there.
 * @throws LibraryError where it cannot be written.
 */
export function writeSafetensors(path: string, tensors: Tensors, metadata: TensorMetadata = {}): WrittenFile {
  return writeAtomically(path, encodeSafetensors(tensors, metadata));
}

/**
 * Reads a file and checks all of it. The tensors are views of one buffer.
 * @throws DataError naming the file and what is wrong with it; LibraryError where it cannot be read at all.
 */
export function readSafetensors(path: string): TensorFile {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const size = fstatSync(file).size;
    const header = readHeader(readBytes(file, 0, Math.min(8, size), path), size, path);
    const text = readBytes(file, 8, header, path);
    const data = readBytes(file, 8 + header, size - 8 - header, path);
    return parse(text, data.buffer, path);
  } catch (error) {
    throw fileError(error, path, 'read');
  } finally {
    if (file !== null) closeSync(file);
  }
}

/**
 * Reads a file's bytes; `file` is what errors call it.
 * @throws DataError naming the file and what is wrong with it.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const header = readHeader(bytes.subarray(0, 8), bytes.byteLength, file);
  return parse(bytes.subarray(8, 8 + header), ownBuffer(bytes.subarray(8 + header)), file);
}

function damaged(file: string, what: string): DataError {
  return new DataError(
    `${file} is not a sound safetensors file: ${what}`,
    'The file is truncated, damaged or of another kind. Copy or make it again.',
  );
}

/** Length of the JSON header. */
function readHeader(start: Uint8Array<ArrayBufferLike>, size: number, file: string): number {
  if (size < 8) throw damaged(file, `it has ${size} bytes, fewer than the 8 of the header's length`);
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length > longestHeader)
    throw damaged(file, `its header claims ${length.toString()} bytes, more than ${longestHeader}`);
  if (8 + Number(length) > size)
    throw damaged(file, `its header claims ${length.toString()} bytes, the file has ${size}`);
  return Number(length);
}

function readBytes(file: number, from: number, length: number, path: string): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(length);
  } catch (error) {
    throw new DataError(
      `${path} holds ${length} bytes, more than fit in memory`,
      'Use a smaller file, or a machine with more memory.',
      undefined,
      { cause: error },
    );
  }
  let done = 0;
  while (done < length) {
    const got = readSync(file, bytes, done, Math.min(length - done, 1 << 28), from + done);
    if (got === 0) throw damaged(path, `it ended ${length - done} bytes early while it was read`);
    done += got;
  }
  return bytes;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

function parse(header: Uint8Array, data: ArrayBuffer, file: string): TensorFile {
  const fields = parseJson(header, file);
  const metadata = readMetadata(fields, file);
  const entries = Object.entries(fields)
    .filter(([name]) => name !== metadataName)
    .map(([name, value]) => readEntry(name, value, file))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  const tensors = new Map<string, Tensor>();
  for (const entry of entries) {
    if (entry.start !== end)
      throw damaged(file, `tensor ${quote(entry.name)} begins at byte ${entry.start}, expected ${end}`);
    if (entry.end > data.byteLength)
      throw damaged(
        file,
        `tensor ${quote(entry.name)} ends at byte ${entry.end}, the data at ${data.byteLength}`,
      );
    end = entry.end;
    const tensor = tensorAt(entry.dtype, entry.shape, data, entry.start, entry.count);
    if (tensor.dtype === 'BOOL' && !isBoolean(tensor.data))
      throw damaged(file, `tensor ${quote(entry.name)} is BOOL with bytes other than 0 and 1`);
    tensors.set(entry.name, tensor);
  }
  if (end !== data.byteLength)
    throw damaged(file, `its tensors end at byte ${end} of the data, which has ${data.byteLength}`);
  return { tensors, metadata };
}

function parseJson(header: Uint8Array, file: string): Record<string, unknown> {
  // The specification asks for it, and it keeps byte order marks and leading blanks out.
  if (header[0] !== 0x7b) throw damaged(file, 'its header does not begin with {');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    throw damaged(file, 'its header is not JSON');
  }
  if (!isRecord(value)) throw damaged(file, 'its header is not a JSON object');
  return value;
}

function readMetadata(fields: Record<string, unknown>, file: string): TensorMetadata {
  if (!Object.hasOwn(fields, metadataName)) return {};
  const value = fields[metadataName];
  if (!isRecord(value)) throw damaged(file, 'its metadata is not a JSON object');
  const pairs: [string, string][] = [];
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw damaged(file, `its metadata ${quote(name)} is not text`);
    pairs.push([name, text]);
  }
  return Object.fromEntries(pairs);
}

function readEntry(name: string, value: unknown, file: string): Entry {
  const label = `tensor ${quote(name)}`;
  if (!isRecord(value)) throw damaged(file, `${label} is not described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) throw damaged(file, `${label} has the unknown dtype ${quote(dtype)}`);
  const count = elements(shape);
  if (count === null) throw damaged(file, `${label} has the impossible shape ${quote(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2) throw damaged(file, `${label} has no pair of offsets`);
  const [start, end] = offsets as unknown[];
  if (!isCount(start) || !isCount(end) || end < start)
    throw damaged(file, `${label} has the impossible offsets ${quote(offsets)}`);
  const bytes = count * dtypes[dtype].bytes;
  if (end - start !== bytes)
    throw damaged(file, `${label} needs ${bytes} bytes for its shape, its offsets span ${end - start}`);
  return { name, dtype, shape: shape as number[], count, start, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A value of the file for a message, cut short. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export const safetensors: ExportFormat = {
  kind: 'safetensors',
  extension: '.safetensors',
  title: 'safetensors (Python, Rust, JavaScript; no code in the file)',
  write: writeSafetensors,
  read: readSafetensors,
};
