import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '../contract/errors.ts';
import { sharedBytes } from './assemble.ts';

/** An array of bytes as an IDX file holds it (LeCun's format of MNIST). */
export interface IdxArray {
  /** Number of entries first; data may hold fewer of them where only some were wanted. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const AGAIN = 'Download or copy the file again.';

/** Most bytes that one byte of a gzip file can become. */
const GZIP_RATIO = 1032;

/**
 * Reads an IDX file of unsigned bytes, packed by gzip or not whatever its name is; never more of it in memory than
 * asked for.
 * @param dimensions 3 for images, 1 for labels: the file's magic number must say the same
 * @param wanted entries; left out: all
 * @throws DataError where the file is none, is cut short or too long, or has fewer entries
 */
export async function readIdx(
  file: string,
  dimensions: number,
  wanted?: { readonly count: number; readonly option: string },
): Promise<IdxArray> {
  const { size, gzipped } = await inspect(file);
  const header = new Uint8Array(4 + 4 * dimensions);
  let have = 0;
  let shape: readonly number[] | null = null;
  let data: Uint8Array = new Uint8Array(0);
  let filled = 0;
  let surplus = 0;
  for await (const chunk of unpacked(file, gzipped)) {
    let rest: Uint8Array = chunk;
    if (shape === null) {
      const used = Math.min(rest.length, header.length - have);
      header.set(rest.subarray(0, used), have);
      have += used;
      rest = rest.subarray(used);
      if (have < header.length) continue;
      shape = readHeader(file, header);
      const whole = shape.reduce((product, side) => product * side, 1);
      checkSize(file, header.length + whole, { size, gzipped });
      data = sharedBytes(bytesWanted(file, shape, wanted));
    }
    const used = Math.min(rest.length, data.length - filled);
    data.set(rest.subarray(0, used), filled);
    filled += used;
    surplus += rest.length - used;
    // What follows is not needed; without `wanted` it must not be there, so the end is read as well.
    if (filled === data.length && wanted !== undefined) break;
  }
  // A small file of the other kind ends before a header of this one would.
  if (shape === null && have >= 4) checkMagic(file, header);
  if (shape === null) throw new DataError(`${file} is cut short: it ends inside its header`, AGAIN);
  if (filled < data.length)
    throw new DataError(
      `${file} is cut short: it ends after ${filled.toLocaleString('en')} of ${data.length.toLocaleString('en')} bytes`,
      AGAIN,
    );
  if (surplus > 0 && wanted === undefined)
    throw new DataError(`${file} has ${surplus} bytes more than its header says`, AGAIN);
  return { shape, data };
}

async function inspect(file: string): Promise<{ size: number; gzipped: boolean }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new DataError(`${file} is empty`, AGAIN);
    const magic = new Uint8Array(2);
    await handle.read(magic, 0, 2, 0);
    return { size, gzipped: magic[0] === 0x1f && magic[1] === 0x8b };
  } finally {
    await handle.close();
  }
}

async function* unpacked(file: string, gzipped: boolean): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  try {
    if (!gzipped) {
      yield* source as AsyncIterable<Buffer>;
      return;
    }
    const inflated = source.pipe(createGunzip({ chunkSize: 1 << 20 }));
    source.on('error', (error) => inflated.destroy(error));
    yield* inflated as AsyncIterable<Buffer>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`${file} cannot be ${gzipped ? 'unpacked' : 'read'}: ${why}`, AGAIN, undefined, {
      cause,
    });
  } finally {
    source.destroy();
  }
}

/** Sizes of the array. */
function readHeader(file: string, header: Uint8Array): number[] {
  checkMagic(file, header);
  const view = new DataView(header.buffer);
  return Array.from({ length: header.length / 4 - 1 }, (_, index) => view.getUint32(4 + 4 * index));
}

/** The magic number is two zeros, the type (8: unsigned byte) and the number of dimensions. */
function checkMagic(file: string, header: Uint8Array): void {
  const dimensions = header.length / 4 - 1;
  const magic = new DataView(header.buffer).getUint32(0);
  const expected = 0x800 + dimensions;
  if (magic === expected) return;
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
  throw new DataError(
    `${file} is no IDX file of ${dimensions === 1 ? 'labels' : 'images'} in bytes: it begins with ${hex(magic)} instead of ${hex(expected)}`,
    'Check that the file is what its name says; images and labels may be swapped.',
  );
}

function checkSize(file: string, bytes: number, { size, gzipped }: { size: number; gzipped: boolean }): void {
  const fits = gzipped ? bytes <= size * GZIP_RATIO + 1024 : bytes === size;
  if (fits) return;
  const has = `${size.toLocaleString('en')} bytes${gzipped ? ' packed' : ''}`;
  throw new DataError(
    `${file} is ${bytes > size ? 'cut short' : 'too long'}: its header asks for ${bytes.toLocaleString('en')} bytes, it has ${has}`,
    AGAIN,
  );
}

function bytesWanted(
  file: string,
  shape: readonly number[],
  wanted: { readonly count: number; readonly option: string } | undefined,
): number {
  const [count = 0, ...rest] = shape;
  if (wanted !== undefined && wanted.count > count)
    throw new DataError(
      `${wanted.option} asks for ${wanted.count} images, but ${file} holds ${count}`,
      `Set ${wanted.option} to at most ${count}.`,
    );
  return (wanted?.count ?? count) * rest.reduce((product, side) => product * side, 1);
}
