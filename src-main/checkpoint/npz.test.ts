import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import { decodeNpz, readNpz, writeNpz } from './npz.ts';
import type { Tensor } from './tensor.ts';

/** Written by NumPy 2.4.6: `numpy.savez_compressed(file, **tensors)`. */
const fromNumpy = Buffer.from(
  'UEsDBC0AAAAIAAAAIQDKm1+E//////////8MABQAYi9rZXJuZWwubnB5AQAQAJAAAAAAAAAAUQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRu' +
    'paBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgpGmjoKtQpkAy4GhgP2DECCAQwCHABQSwMELQAAAAgAAAAhALvkTK3/' +
    '/////////xEAFABtYXNrL2Iva2VybmVsLm5weQEAEACEAAAAAAAAAEoAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXpNkqK6joJ6WX1RS' +
    'lJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjoKRpo6CrUKZAMuRgYGRgBQSwMELQAAAAgAAAAhAF6/1S7//////////wgAFABzdGVwLm5weQEA' +
    'EACIAAAAAAAAAEYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkamjoKtQoU' +
    'AS5WBggAAFBLAwQtAAAACAAAACEAAuy9qf//////////BQAUAHYubnB5AQAQAIwAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRu' +
    'paBuk2mirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOpo6CrUKFAAuBiBgBGImIAYAUEsBAi0DLQAAAAgAAAAhAMqbX4RRAAAA' +
    'kAAAAAwAAAAAAAAAAAAAAIABAAAAAGIva2VybmVsLm5weVBLAQItAy0AAAAIAAAAIQC75EytSgAAAIQAAAARAAAAAAAAAAAAAACAAY8AAABt' +
    'YXNrL2Iva2VybmVsLm5weVBLAQItAy0AAAAIAAAAIQBev9UuRgAAAIgAAAAIAAAAAAAAAAAAAACAARwBAABzdGVwLm5weVBLAQItAy0AAAAI' +
    'AAAAIQAC7L2pTAAAAIwAAAAFAAAAAAAAAAAAAACAAZwBAAB2Lm5weVBLBQYAAAAABAAEAOIAAAAfAgAAAAA=',
  'base64',
);

const tensors = new Map<string, Tensor>([
  ['b/kernel', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1.5, -2, 0, 3.25) }],
  ['mask/b/kernel', { dtype: 'BOOL', shape: [2, 2], data: Uint8Array.of(1, 0, 0, 1) }],
  ['step', { dtype: 'I64', shape: [], data: BigInt64Array.of(5n) }],
  ['v', { dtype: 'I32', shape: [3], data: Int32Array.of(0, 1, 2) }],
]);
const metadata = { who: 'swamp', größe: '10 \u{1F40A}' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'npz-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('reads what NumPy wrote', () => {
  const file = decodeNpz(fromNumpy, 'numpy');
  expect(new Map(file.tensors)).toEqual(tensors);
  expect(file.metadata).toEqual({});
});

test('reads back what it wrote, metadata included, and the same content gives the same bytes', () => {
  const [a, b] = [join(folder, 'a.npz'), join(folder, 'b.npz')];
  const first = writeNpz(a, tensors, metadata);
  const second = writeNpz(b, new Map([...tensors].reverse()), { ...metadata });
  expect(first.digest).toBe(second.digest);
  const file = readNpz(a);
  expect(new Map(file.tensors)).toEqual(tensors);
  expect(file.metadata).toEqual(metadata);
});

test('arrays begin as NumPy writes them: version 1.0, the header padded to 64 bytes', () => {
  const path = join(folder, 'a.npz');
  writeNpz(path, tensors);
  const member = (zip: Buffer): Buffer => Buffer.from(unzipSync(zip)['b/kernel.npy'] ?? []);
  expect(member(readFileSync(path)).equals(member(fromNumpy))).toBe(true);
});

test('refuses dtypes that NumPy does not have', () => {
  const bf16 = new Map<string, Tensor>([['x', { dtype: 'BF16', shape: [1], data: new Uint16Array(1) }]]);
  expect(() => writeNpz(join(folder, 'a.npz'), bf16)).toThrow(ConfigError);
});

describe('damage', () => {
  test('a flipped byte is found by the checksum', () => {
    const bytes = Buffer.from(fromNumpy);
    const at = bytes.indexOf('b/kernel.npy') + 60;
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    expect(() => decodeNpz(bytes, 'my.npz')).toThrow(/my.npz is not a sound .npz file/);
  });

  test('other files are refused by name', () => {
    const path = join(folder, 'a.npz');
    writeFileSync(path, 'not a zip at all, though long enough to hold an end record');
    expect(() => readNpz(path)).toThrow(DataError);
    expect(() => readNpz(path)).toThrow(path);
  });

  test('any damage gives a result or a DataError, nothing else', () => {
    let state = 7;
    const draw = (bound: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
    let refused = 0;
    for (let round = 0; round < 2000; round += 1) {
      let bytes = Buffer.from(fromNumpy);
      for (let flips = draw(4); flips >= 0; flips -= 1) bytes[draw(bytes.length)] = draw(256);
      if (draw(3) === 0) bytes = bytes.subarray(0, draw(bytes.length + 1));
      try {
        decodeNpz(bytes, 'fuzzed');
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});
