import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Task } from '../contract/api/host.ts';
import { ConfigError, DataError } from '../contract/errors.ts';
import type { RunId } from '../contract/ids.ts';
import { small, unpackOrigin, type Given } from '../experiment/run-file/fixtures.ts';
import { openLibrary, type Library } from '../store/library.ts';
import { noEngines } from './fixtures.ts';
import { Service } from './service.ts';

// A host over a library that was trained once (e2e/fixtures); whatever would train fails, as there is no engine.

let given: Given;
beforeAll(async () => {
  given = await unpackOrigin();
});
afterAll(() => given.close());

interface World {
  readonly library: Library;
  readonly service: Service;
  readonly told: Task[];
  /** Made of the library's folder. */
  readonly path: (...parts: string[]) => string;
}

let worlds = 0;
function world(): World {
  const library = openLibrary(join(given.root, `host-${(worlds += 1)}`), { create: true });
  const service = new Service({
    library,
    app: '1.0.0',
    engines: {
      ...noEngines,
      find: () => Promise.resolve(null),
      prepare: () => Promise.reject(new ConfigError('there is no engine here', '')),
      variantOf: () => Promise.resolve('cpu'),
      gpu: () => Promise.resolve(null),
      advice: () => Promise.resolve(''),
    },
  });
  const told: Task[] = [];
  service.listen('tasks', {}, (task) => told.push(task));
  onTestFinished(async () => {
    await service.close();
    library.close();
  });
  return { library, service, told, path: (...parts) => join(library.dir, ...parts) };
}

async function withSmall(): Promise<World> {
  const made = world();
  await made.service.call('files.import', { file: given.files.networks });
  return made;
}

test('a run file is looked at, taken in and packed again, told as tasks', async () => {
  const { service, told, path } = world();
  const looked = await service.call('files.look', { file: given.files.networks });
  expect(looked).toMatchObject({
    version: 1,
    app: '1.0.0',
    experiments: [{ experiment: small, known: 'new' }],
  });
  expect(looked.experiments[0]?.runs.map(({ arm, seed }) => [arm, seed])).toEqual([
    ['imp', 1],
    ['swamp(2)', 1],
  ]);
  const taken = await service.call('files.import', { file: given.files.networks });
  expect(taken).toEqual({ experiments: [small], added: [small], grown: [] });
  expect(told.at(-1)).toMatchObject({ kind: 'import', state: 'done' });
  const packed = await service.call('files.pack', { experiments: [small], out: 'mine' });
  expect(packed.file).toBe(path('exports', 'mine.swamp'));
  expect(told.at(-1)).toMatchObject({ kind: 'pack', state: 'done' });
  expect((await service.call('files.look', { file: packed.file })).experiments[0]?.known).toBe('same');
  await expect(service.call('files.pack', { experiments: [small], out: 'mine' })).rejects.toThrow(
    'is there already',
  );
  await service.call('files.pack', { experiments: [small], out: 'mine', along: 'none', replace: true });
  expect((await service.call('files.look', { file: packed.file })).objects.files).toBe(0);
});

test('a file that is none is refused by what looks and by what takes in', async () => {
  const { service, told, path, library } = world();
  const file = path('text.swamp');
  writeFileSync(file, 'a text');
  await expect(service.call('files.look', { file })).rejects.toThrow(DataError);
  await expect(service.call('files.import', { file })).rejects.toThrow('no run file');
  expect(told.at(-1)).toMatchObject({ kind: 'import', state: 'failed', error: { name: 'DataError' } });
  expect(library.store.experiments()).toEqual([]);
});

test('what cannot be exported is said before the engine is asked for', async () => {
  const { service, told, path } = await withSmall();
  told.length = 0;
  const run = `${small}/swamp-2/1` as RunId;
  const request = { run, format: 'safetensors', out: 'net' };
  const refused: [object, RegExp][] = [
    [{ out: '/no/such/folder/net.npz' }, /there is no folder \/no\/such\/folder/],
    [{ out: '../net' }, /leads out of/],
    [{ round: 9 }, /rounds 0 to 1/],
    [{ round: 1, within: 1 }, /round is named/],
    [{ format: 'onnx-of-tomorrow' }, /no export format/],
    [{ run: `${small}/swamp-9/1` as RunId }, /no run/],
  ];
  for (const [change, why] of refused)
    await expect(service.call('files.export', { ...request, ...change })).rejects.toThrow(why);
  mkdirSync(path('exports'), { recursive: true });
  writeFileSync(path('exports', 'net.safetensors'), 'mine');
  await expect(service.call('files.export', request)).rejects.toThrow('is there already');
  expect(told).toEqual([]);
  // Sound, so far as can be said: now it asks for the engine.
  await expect(service.call('files.export', { ...request, replace: true })).rejects.toThrow('no engine');
  expect(told.at(-1)).toMatchObject({ kind: 'export', state: 'failed' });
  expect(readFileSync(path('exports', 'net.safetensors'), 'utf8')).toBe('mine');
});

test('what cannot be evaluated is said before the engine is asked for', async () => {
  const { service, told, path } = await withSmall();
  told.length = 0;
  const network = { run: `${small}/swamp-2/1` as RunId };
  const ask = (change: object): Promise<unknown> =>
    service.call('files.predict', { network, images: {}, out: 'said.csv', ...change });
  mkdirSync(path('exports'), { recursive: true });
  writeFileSync(path('exports', 'there.csv'), 'mine');
  const refused: [object, RegExp][] = [
    [{ out: 'said.doc' }, /cannot tell the format/],
    [{ out: 'there.csv' }, /is there already/],
    [{ network: { ...network, round: 9 } }, /rounds 0 to 1/],
    [{ network: { run: `${small}/swamp-9/1` } }, /no run/],
  ];
  for (const [change, why] of refused) await expect(ask(change)).rejects.toThrow(why);
  expect(told).toEqual([]);
  const looked: [object, RegExp][] = [
    [{ network: { file: path('none.npz') } }, /there is no file/],
    [{ images: { data: path('nowhere') } }, /neither a data set/],
    [{ images: { set: ['recipe.epochs=2'] } }, /only the data set can be set/],
    [{ top: 11 }, /11: the network knows 10 classes/],
    // Sound, so far as can be said: now it asks for the engine.
    [{ top: 2 }, /no engine/],
  ];
  for (const [change, why] of looked) {
    await expect(ask(change)).rejects.toThrow(why);
    expect(told.at(-1)).toMatchObject({ kind: 'use', state: 'failed' });
  }
  expect(readFileSync(path('exports', 'there.csv'), 'utf8')).toBe('mine');
  expect(existsSync(path('exports', 'said.csv'))).toBe(false);
});

test('a comparison becomes a page of its own, with the settings where it is of one experiment', async () => {
  const { service } = await withSmall();
  const { html } = await service.call('experiments.report', { experiments: [small] });
  expect(html).toMatch(/^<!doctype html>/i);
  expect(html).toContain('swamp(2)');
  expect(html).toContain('recipe.epochs');
  const one = await service.call('experiments.report', {
    experiments: [small],
    runs: [`${small}/imp/1` as RunId],
  });
  expect(one.html).not.toContain('>swamp(2)<');
  await expect(
    service.call('experiments.report', { experiments: ['none-0000' as typeof small] }),
  ).rejects.toThrow('no experiment');
});

test('texts and pictures of the window are saved where it says, and replace nothing unasked', async () => {
  const { service, path } = world();
  const { file } = await service.call('files.save', { out: 'table.csv', text: 'a,b\n' });
  expect(file).toBe(path('exports', 'table.csv'));
  await expect(service.call('files.save', { out: 'table.csv', text: 'x' })).rejects.toThrow(
    'is there already',
  );
  expect(readFileSync(file, 'utf8')).toBe('a,b\n');
  const bytes = Buffer.from([0, 255, 10]);
  const picture = await service.call('files.save', { out: path('p.png'), bytes: bytes.toString('base64') });
  expect(readFileSync(picture.file)).toEqual(bytes);
  await service.call('files.save', { out: 'table.csv', text: 'x', replace: true });
  expect(readFileSync(file, 'utf8')).toBe('x');
  await expect(service.call('files.save', { out: 'both.csv' })).rejects.toThrow(ConfigError);
  await expect(service.call('files.save', { out: path('exports'), text: 'x' })).rejects.toThrow(
    'this is a folder',
  );
});

test('a path that is being typed is completed, whatever is or is not there', async () => {
  const { service, path } = world();
  for (const name of ['pictures', 'photos', '.hidden']) mkdirSync(path('here', name), { recursive: true });
  writeFileSync(path('here', 'plan.json'), '');
  const complete = async (text: string, folders = false): Promise<string[]> =>
    (await service.call('files.complete', { text, folders })).entries.map((entry) => entry.path);
  expect(await complete(path('here', 'p'))).toEqual([
    path('here', 'photos/'),
    path('here', 'pictures/'),
    path('here', 'plan.json'),
  ]);
  expect(await complete(path('here', 'PI'), true)).toEqual([path('here', 'pictures/')]);
  expect(await complete(`${path('here')}/.`)).toEqual([path('here', '.hidden/')]);
  expect(await complete(`${path('here')}/`, true)).toEqual([
    path('here', 'photos/'),
    path('here', 'pictures/'),
  ]);
  expect(await complete('/no/such/folder/x')).toEqual([]);
  expect(await complete('relative')).toEqual([]);
  expect(await complete('\0')).toEqual([]);
  expect((await service.call('files.complete', { text: '~/' })).exists).toBe(existsSync(homedir()));
});

test('disk use, settings and a check say what the command line says', async () => {
  const { service, library, path } = await withSmall();
  await service.call('files.save', { out: 'table.csv', text: 'four' });
  const usage = await service.call('library.usage', {});
  const bytes = Object.fromEntries(usage.parts.map((part) => [part.what, part.bytes]));
  expect(bytes).toMatchObject({ exports: 4, temporary: 0 });
  expect(bytes['results']).toBe(library.store.usage().total);
  expect(usage).toMatchObject({ folder: library.dir, trash: { experiments: 0, bytes: 0 } });
  await service.call('library.trash', { experiments: [small] });
  const { trash } = await service.call('library.usage', {});
  expect(trash).toEqual({ experiments: 1, bytes: library.store.usage().total });
  await service.call('library.restore', { experiments: [small] });

  const { settings } = await service.call('library.settings', {});
  expect(settings.map(({ name, value, choices }) => [name, value, choices])).toContainEqual([
    'retention.particles',
    'all',
    ['all', 'last', 'none'],
  ]);

  expect(await service.call('library.check', {})).toMatchObject({ sound: true, problems: [], damaged: 0 });
  const [object] = [...library.objects.list()];
  if (!object) throw new Error('no object');
  writeFileSync(object.path, Buffer.alloc(object.bytes));
  writeFileSync(path('partial', `${'a'.repeat(64)}.safetensors`), 'half');
  const found = await service.call('library.check', {});
  expect(found).toMatchObject({ sound: false, damaged: 2, mended: 0 });
  expect(found.problems.join('\n')).toContain(`${object.path} is damaged; it belongs to ${small}`);
  const mended = await service.call('library.check', { fix: true });
  expect(mended).toMatchObject({ damaged: 2, experiments: [small] });
  expect(mended.mended).toBeGreaterThan(0);
  expect(existsSync(object.path)).toBe(false);
  expect(await service.call('library.check', {})).toMatchObject({ sound: true });
  expect(library.store.experiment(small).counts.waiting).toBe(mended.mended);
});
