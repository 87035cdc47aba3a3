import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync, type Zippable } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataError } from '../../contract/errors.ts';
import type { RunFileManifest } from '../../contract/runfile.ts';
import type { History } from '../../store/history.ts';
import { contents, small, unpackOrigin, watch, type Given } from './fixtures.ts';
import { lookAt, takeIn } from './take-in.ts';

let given: Given;
beforeAll(async () => {
  given = await unpackOrigin();
});
afterAll(() => given.close());

describe('a file that is none of ours, or damaged', () => {
  let made = 0;

  /** A copy with other entries; the manifest's sizes and digests as they are, unless they are changed as well. */
  function altered(change: (entries: Record<string, Uint8Array>) => void, suffix = ''): string {
    const entries = unzipSync(new Uint8Array(readFileSync(given.files.networks)));
    change(entries);
    const path = join(given.root, `altered-${made++}${suffix}.swamp`);
    const zipped: Zippable = Object.fromEntries(
      Object.entries(entries).map(([name, data]) => [
        name,
        [data, { level: name.startsWith('objects/') ? 0 : 6 }],
      ]),
    );
    writeFileSync(path, zipSync(zipped));
    return path;
  }

  function withManifest(change: (manifest: RunFileManifest & Record<string, unknown>) => void) {
    return (entries: Record<string, Uint8Array>): void => {
      const manifest = JSON.parse(Buffer.from(entries['manifest.json'] ?? []).toString()) as RunFileManifest;
      change(manifest);
      entries['manifest.json'] = strToU8(JSON.stringify(manifest));
    };
  }

  /** Another document under a list that knows it: as somebody would forge it. */
  function forged(change: (document: History['experiment']) => void) {
    return (entries: Record<string, Uint8Array>): void => {
      const name = `experiments/${small}.json`;
      const document = JSON.parse(Buffer.from(entries[name] ?? []).toString()) as History['experiment'];
      change(document);
      const data = strToU8(JSON.stringify(document));
      entries[name] = data;
      withManifest((manifest) => {
        const entry = manifest.entries.find((each) => each.name === name);
        if (entry)
          Object.assign(entry, {
            bytes: data.length,
            sha256: createHash('sha256').update(data).digest('hex'),
          });
      })(entries);
    };
  }

  const firstObject = (entries: Record<string, Uint8Array>): string =>
    Object.keys(entries).find((name) => name.startsWith('objects/')) ?? '';

  const flipped = (data: Uint8Array | undefined): Uint8Array => {
    const copy = Uint8Array.from(data ?? []);
    copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
    return copy;
  };

  const cases: Record<string, readonly [() => string, RegExp]> = {
    'a text': [() => write('a text'), /no run file/],
    nothing: [() => write(''), /no run file/],
    'another archive': [() => write(zipSync({ 'a.txt': strToU8('a') })), /no run file/],
    'an archive with a path that leads out': [
      () => write(zipSync({ '../manifest.json': strToU8('{}') })),
      /points outside/,
    ],
    'a file cut short': [
      () => write(readFileSync(given.files.networks).subarray(0, -1000)),
      /cut short|damaged/,
    ],
    'a file of a newer version': [
      () => altered(withManifest((manifest) => Object.assign(manifest, { version: 2, app: '9.0.0' }))),
      /newer version.*9\.0\.0/,
    ],
    'a list that is none': [
      () => altered(withManifest((manifest) => Object.assign(manifest, { entries: 3 }))),
      /list cannot be read/,
    ],
    'an object that changed': [
      () =>
        altered((entries) => {
          entries[firstObject(entries)] = flipped(entries[firstObject(entries)]);
        }),
      /is not what it was/,
    ],
    'an object that is missing': [
      () =>
        altered((entries) => {
          Reflect.deleteProperty(entries, firstObject(entries));
        }),
      /list/,
    ],
    'more than its list names': [
      () =>
        altered((entries) => {
          entries[`objects/${'0'.repeat(64)}.safetensors`] = new Uint8Array(8);
        }),
      /other entries/,
    ],
    'an entry of another size than its list says': [
      () =>
        altered((entries) => {
          entries[`experiments/${small}.json`] = new Uint8Array(2 ** 24);
        }),
      /16777216 bytes, its list says/,
    ],
    'a document that changed': [
      () =>
        altered((entries) => {
          const name = `experiments/${small}.json`;
          entries[name] = flipped(entries[name]);
        }),
      /is not what it was/,
    ],
    'a job that is not what its key says': [
      () =>
        altered(
          forged(({ jobs }) => {
            const job = jobs.find(({ spec }) => spec.kind === 'train-ticket');
            if (job) job.spec = { ...job.spec, seed: 7 };
          }),
        ),
      /is not what its key says/,
    ],
    'an id that is a path': [
      () => altered(forged((document) => Object.assign(document, { id: '../../escape-1234' }))),
      /cannot be read/,
    ],
    'settings of another version': [
      () => altered(forged((document) => Object.assign(document, { config: { unheard: 1 } }))),
      /settings of small-f750/,
    ],
  };

  function write(data: string | Uint8Array): string {
    const path = join(given.root, `foreign-${made++}.swamp`);
    writeFileSync(path, data);
    return path;
  }

  test.each(Object.entries(cases))('%s is refused, and nothing is stored', async (_name, [make, why]) => {
    const library = given.emptyLibrary();
    const path = make();
    const before = contents(library);
    const refused = takeIn(library, path, watch);
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.toHaveProperty('hint', expect.stringMatching(/./) as string);
    expect(contents(library)).toEqual(before);
  });

  test('is named where it is not there', async () => {
    const library = given.emptyLibrary();
    await expect(lookAt(library, join(given.root, 'nowhere.swamp'))).rejects.toThrow(
      /there is no file .*nowhere\.swamp/,
    );
    await expect(lookAt(library, given.root)).rejects.toThrow('is not a file');
  });
});
