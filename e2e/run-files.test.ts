import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLibrary } from '../src-main/store/library.ts';
import {
  inLibrary,
  makeFolder,
  removeFolder,
  resultsOf,
  Running,
  swamp,
  swampJson,
  temporaryFolder,
} from './cli.ts';

// Experiments carried from one library to another, by the command line. The library of fixtures/README.md is the origin.

const small = 'small-f750';
const folder = makeFolder();
const origin = join(folder, 'origin');
const file = join(folder, 'small.swamp');

interface Imported {
  readonly experiments: string[];
  readonly added: string[];
  readonly grown: string[];
}

beforeAll(async () => {
  const zip = readFileSync(fileURLToPath(new URL('fixtures/library-v1.zip', import.meta.url)));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const path = join(origin, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const packed = await swampJson(['pack', 'small', '--out', join(folder, 'small'), '--library', origin]);
  expect(packed.code, packed.stderr).toBe(0);
  expect(packed.document).toMatchObject({ file, experiments: 1 });
});
afterAll(() => removeFolder(folder));

describe('swamp pack and swamp import', () => {
  test('carry an experiment to another library, from which a round is exported to the same bytes', async (context) => {
    const library = join(temporaryFolder(context), 'library');
    const imported = await swampJson<Imported>(['import', file, '--library', library]);
    expect(imported.code, imported.stderr).toBe(0);
    expect(imported.document).toMatchObject({ experiments: [small], added: [small], grown: [] });
    const compared = await Promise.all(
      [origin, library].map((each) => swampJson(['compare', small, '--library', each])),
    );
    expect(compared[1]?.document).toEqual(compared[0]?.document);
    const again = await swampJson<Imported>(['import', file, '--library', library]);
    expect(again.document).toMatchObject({ experiments: [small], added: [], grown: [] });
    const out = (name: string): string => join(dirname(library), name);
    const exports = await Promise.all(
      [origin, library].map((each, at) =>
        swampJson<{ sha256: string }>([
          ...['export', `${small}/swamp-2/1`, '--round', '0', '--library', each],
          ...['--out', out(`${at}.safetensors`)],
        ]),
      ),
    );
    for (const exported of exports) expect(exported.code, exported.stderr).toBe(0);
    expect(exports[1]?.document.sha256).toBe(exports[0]?.document.sha256);
  });

  test('work beside a host, which takes the file in', async (context) => {
    const library = join(temporaryFolder(context), 'library');
    mkdirSync(library);
    const host = new Running(['host', '--library', library, '--linger', '600']);
    context.onTestFinished(() => host.kill());
    await host.says(/host of/);
    const imported = await swampJson<Imported>(['import', file, '--library', library]);
    expect(imported.code, imported.stderr).toBe(0);
    expect(imported.document.added).toEqual([small]);
    const out = join(library, 'all.swamp');
    const packed = await swamp(['pack', small, '--with', 'all', '--out', out, '--library', library]);
    expect(packed.code, packed.stderr).toBe(0);
    expect(packed.stdout).toMatch(/^Wrote .*all\.swamp \(.*\): 1 experiment, \d+ checkpoint files\n$/);
  });

  test('go on with an imported experiment: what is new is trained, what is not in the file once more', async (context) => {
    const library = join(temporaryFolder(context), 'library');
    const bare = join(dirname(library), 'bare.swamp');
    await swamp(['pack', small, '--with', 'none', '--out', bare, '--library', origin]);
    await swamp(['import', bare, '--library', library]);
    const both = await Promise.all(
      [origin, library].map((each, at) => {
        const own = join(dirname(library), String(at));
        // The origin stays as it is.
        copyFolder(each, own);
        return swamp(['extend', small, '--particles', '3', '--library', own]).then((ended) => ({
          ended,
          own,
        }));
      }),
    );
    for (const { ended } of both) expect(ended.code, ended.stderr).toBe(0);
    const [first, second] = both.map(({ own }) => resultsOf(own));
    const figures = (results: Record<string, unknown> = {}): unknown =>
      Object.fromEntries(
        Object.entries(results).map(([key, result]) => [
          key,
          (result as { evaluation: unknown } | null)?.evaluation,
        ]),
      );
    expect(Object.keys(second ?? {}).length).toBeGreaterThan(0);
    for (const [key, value] of Object.entries(figures(second) as Record<string, unknown>))
      expect(value).toEqual((figures(first) as Record<string, unknown>)[key]);
  });

  test('killed at any commit, an import leaves the experiment whole or not there', async () => {
    let kills = 0;
    for (let commit = 1; ; commit += 1) {
      const library = join(folder, `killed-${commit}`);
      openLibrary(library, { create: true }).close();
      const killed = await swamp(['import', file, '--library', library], {
        env: { SWAMP_CRASH_AT: `host:commit:${commit}` },
      });
      if (killed.code === 0) break;
      kills += 1;
      expect(killed.code).toBeNull();
      const stored = inLibrary(library, ({ store }) => store.experiments().map(({ id }) => id));
      if (stored.length > 0) expect(resultsOf(library)).toEqual(resultsIn(origin));
      const again = await swampJson<Imported>(['import', file, '--library', library]);
      expect(again.code, again.stderr).toBe(0);
      expect(again.document.experiments).toEqual([small]);
      expect(resultsOf(library)).toEqual(resultsIn(origin));
      const checked = await swampJson<{ ok: boolean }>(['check', '--library', library]);
      expect(checked.document.ok).toBe(true);
    }
    expect(kills).toBeGreaterThan(0);
  });

  test('say why a file is refused, and make no library for it', async (context) => {
    const place = temporaryFolder(context);
    const library = join(place, 'library');
    const cut = join(place, 'cut.swamp');
    writeFileSync(cut, readFileSync(file).subarray(0, 5000));
    const refused = await swampJson<{ error: { message: string; hint: string } }>([
      'import',
      cut,
      '--library',
      library,
    ]);
    expect(refused.code).toBe(2);
    expect(refused.document.error.message).toContain('cut short');
    expect(refused.document.error.hint).not.toBe('');
    expect(readdirSync(place)).toEqual(['cut.swamp']);
    const nowhere = await swamp(['pack', small, '--out', join(place, 'no', 'x.swamp'), '--library', origin]);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain('there is no folder');
    const wrong = await swamp([
      'pack',
      small,
      '--out',
      join(place, 'x'),
      '--with',
      'some',
      '--library',
      origin,
    ]);
    expect(wrong.code).toBe(2);
  });
});

/** Of the one experiment that is carried. */
function resultsIn(library: string): Record<string, unknown> {
  const all = resultsOf(library);
  const keys = inLibrary(library, ({ store }) => store.plan(small as never).jobs.map(({ key }) => key));
  return Object.fromEntries(keys.map((key) => [key, all[key]]));
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyFolder(join(from, entry.name), join(to, entry.name));
    else if (entry.isFile()) copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}
