import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataError, LibraryError } from '../contract/errors.ts';
import { decodeSafetensors, encodeSafetensors, readSafetensors, writeSafetensors } from './safetensors.ts';
import { tensorNamed, type Tensor } from './tensor.ts';

/** Written by Python's safetensors 0.8.0 (numpy 2.4.6): `save(tensors, {'format': 'pt', 'who': 'swamp'})`. */
const fromPython = Buffer.from(
  'YAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIndobyI6InN3YW1wIn0sInN0ZXAiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6' +
    'W10sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCJhL3NjYWxlIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbOCwyMF19' +
    'LCJiL2tlcm5lbCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbMjAsMzZdfSwidSI6eyJkdHlwZSI6IlU4Iiwi' +
    'c2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbMzYsMzldfSwibWFzay9iL2tlcm5lbCI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzIsMl0sImRh' +
    'dGFfb2Zmc2V0cyI6WzM5LDQzXX19ICAgBQAAAAAAAAAAAOBAAAAAQQAAEEEAAMA/AAAAwAAAAAAAAFBAAQL/AQAAAQ==',
  'base64',
);

const tensors = new Map<string, Tensor>([
  ['b/kernel', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1.5, -2, 0, 3.25) }],
  ['mask/b/kernel', { dtype: 'BOOL', shape: [2, 2], data: Uint8Array.of(1, 0, 0, 1) }],
  ['a/scale', { dtype: 'F32', shape: [3], data: Float32Array.of(7, 8, 9) }],
  ['step', { dtype: 'I64', shape: [], data: BigInt64Array.of(5n) }],
  ['u', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
]);
const metadata = { who: 'swamp', format: 'pt' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A file with this header (not padded) and so many zero bytes of data. */
function fileOf(header: string, data: number): Buffer {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(data)]);
}

describe('writing', () => {
  test('gives the bytes that Python gives', () => {
    expect(Buffer.concat(encodeSafetensors(tensors, metadata)).equals(fromPython)).toBe(true);
  });

  test('does not depend on the order of tensors or metadata, and leaves no other file', () => {
    const path = join(folder, 'a.safetensors');
    const turned = new Map([...tensors].reverse());
    const written = writeSafetensors(path, turned, { format: 'pt', who: 'swamp' });
    expect(written.bytes).toBe(fromPython.length);
    expect(written.digest).toBe(createHash('sha256').update(fromPython).digest('hex'));
    expect(readFileSync(path).equals(fromPython)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.safetensors']);
  });

  test('writes a view of a larger buffer as what it shows', () => {
    const large = Float32Array.of(9, 1, 2, 9);
    const chunks = encodeSafetensors(
      new Map([['x', { dtype: 'F32', shape: [2], data: large.subarray(1, 3) }]]),
    );
    const back = decodeSafetensors(Buffer.concat(chunks), 'x');
    expect(tensorNamed(back.tensors, 'x', 'F32', 'x').data).toEqual(Float32Array.of(1, 2));
  });

  test('refuses a shape that does not fit, booleans of 2, and the name of the metadata', () => {
    const write = (name: string, tensor: Tensor): unknown => encodeSafetensors(new Map([[name, tensor]]));
    expect(() => write('x', { dtype: 'F32', shape: [3], data: new Float32Array(2) })).toThrow(
      /x has 2 elements/,
    );
    expect(() => write('x', { dtype: 'BOOL', shape: [1], data: Uint8Array.of(2) })).toThrow(/0 or 1/);
    expect(() => write('__metadata__', { dtype: 'U8', shape: [0], data: new Uint8Array() })).toThrow(
      /called/,
    );
  });
});

describe('reading', () => {
  test('gives what Python wrote', () => {
    const path = join(folder, 'python.safetensors');
    writeFileSync(path, fromPython);
    const file = readSafetensors(path);
    expect(file.metadata).toEqual(metadata);
    expect(new Map(file.tensors)).toEqual(tensors);
  });

  test('reads files without tensors and tensors without elements', () => {
    expect(decodeSafetensors(fileOf('{}', 0), 'x').tensors.size).toBe(0);
    const empty = decodeSafetensors(
      fileOf('{"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}}', 0),
      'x',
    );
    expect(empty.tensors.get('e')).toEqual({ dtype: 'F32', shape: [0, 3], data: new Float32Array() });
  });

  test('copies a tensor that is not aligned', () => {
    const header =
      '{"m":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}';
    const file = fileOf(header, 5);
    file.writeFloatLE(2.5, file.length - 4);
    expect(tensorNamed(decodeSafetensors(file, 'x').tensors, 'w', 'F32', 'x').data).toEqual(
      Float32Array.of(2.5),
    );
  });

  test.each([
    ['an empty file', Buffer.alloc(0), /0 bytes/],
    ['a huge header', Buffer.from('ffffffffffffffff7b7d', 'hex'), /header claims 18446744073709551615/],
    ['a header past the end', fileOf('{}', 0).subarray(0, 9), /claims 2 bytes, the file has 9/],
    ['a header that is no JSON', fileOf('{"a"', 0), /not JSON/],
    ['a list as header', fileOf('[]', 0), /begin with/],
    ['broken UTF-8', fileOf('{}', 0).fill(0xff, 9), /not JSON/],
    ['an unknown dtype', fileOf('{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}', 1), /dtype "F8"/],
    ['a negative side', fileOf('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', 1), /shape \[-1\]/],
    [
      'an overflowing shape',
      fileOf('{"a":{"dtype":"U8","shape":[1e9,1e9],"data_offsets":[0,1]}}', 1),
      /shape/,
    ],
    [
      'a shape of another size',
      fileOf('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
      /needs 8 bytes/,
    ],
    ['offsets turned round', fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,1]}}', 2), /offsets/],
    ['a gap', fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2), /expected 0/],
    [
      'data past the end',
      fileOf('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}', 1),
      /the data at 1/,
    ],
    [
      'data that nobody owns',
      fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 2),
      /which has 2/,
    ],
    ['metadata of numbers', fileOf('{"__metadata__":{"a":1}}', 0), /"a" is not text/],
    [
      'an overlap',
      fileOf(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        3,
      ),
      /"b" begins at byte 1, expected 2/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    const path = join(folder, 'bad.safetensors');
    writeFileSync(path, bytes);
    expect(() => readSafetensors(path)).toThrow(DataError);
    expect(() => readSafetensors(path)).toThrow(message);
    expect(() => readSafetensors(path)).toThrow(path);
  });

  test('refuses booleans other than 0 and 1', () => {
    const file = fileOf('{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}', 1);
    file[file.length - 1] = 7;
    expect(() => decodeSafetensors(file, 'x')).toThrow(/bytes other than 0 and 1/);
  });

  test('says that a file is not there', () => {
    expect(() => readSafetensors(join(folder, 'none'))).toThrow(LibraryError);
    expect(() => readSafetensors(folder)).toThrow(LibraryError);
  });

  test('survives any damage: a result or a DataError, nothing else', () => {
    let state = 1;
    const draw = (bound: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
    let refused = 0;
    for (let round = 0; round < 4000; round += 1) {
      let bytes = Buffer.from(fromPython);
      for (let flips = draw(4); flips >= 0; flips -= 1) bytes[draw(bytes.length)] = draw(256);
      if (draw(3) === 0) bytes = bytes.subarray(0, draw(bytes.length + 1));
      try {
        decodeSafetensors(bytes, 'fuzzed');
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(2000);
  });

  test('tensorNamed names what is missing or of another dtype', () => {
    expect(() => tensorNamed(tensors, 'c', 'F32', 'my.safetensors')).toThrow(
      /my.safetensors has no tensor c/,
    );
    expect(() => tensorNamed(tensors, 'u', 'F32', 'my.safetensors')).toThrow(
      /u of my.safetensors is U8, not F32/,
    );
  });
});
