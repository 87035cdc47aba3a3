import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeLibrary } from '../../bench/library.ts';
import { methods, type Method, type Output } from '../contract/api/index.ts';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { compareSeveral } from '../experiment/several.ts';
import { openLibrary, type Library } from '../store/library.ts';
import { Desks } from './desks.ts';
import type { DeskMethod } from './tasks.ts';

let folder: string;
let library: Library;
let desks: Desks;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'desk-'));
  makeLibrary({ runs: 30, points: 30_000, folder: join(folder, 'library') });
  library = openLibrary(join(folder, 'library'));
  desks = new Desks({ library: library.dir });
});
afterAll(async () => {
  await desks.close();
  library.close();
  rmSync(folder, { recursive: true });
});

/** Through the schemas, as a window hears it. */
async function ask<M extends DeskMethod>(
  method: M,
  input: unknown,
  signal?: AbortSignal,
): Promise<Output<M>> {
  const { input: takes, output: gives } = methods[method as Method];
  const text = await desks.text(method, takes.parse(input) as never, signal);
  return gives.parse(JSON.parse(text)) as Output<M>;
}

const ids = (): ExperimentId[] => library.store.experiments().map(({ id }) => id);
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a comparison is that of the command line, figure by figure', async () => {
  const [one = '' as ExperimentId, other = '' as ExperimentId] = ids();
  for (const experiments of [[one], [one, other]]) {
    const told = await ask('experiments.compare', { experiments, from: 0.5, baseline: 'all' });
    expect(told).toEqual(asJson(compareSeveral(library, experiments, { from: 0.5, baseline: 'all' })));
  }
});

test('a comparison can be of some runs: the arms that have one of them', async () => {
  const [experiment = '' as ExperimentId] = ids();
  const whole = compareSeveral(library, [experiment]);
  const told = await ask('experiments.compare', {
    experiments: [experiment],
    runs: [`${experiment}/imp/2` as RunId],
  });
  expect(told.arms).toEqual(asJson(whole.arms.filter(({ arm }) => arm === 'imp')));
  expect(told.pairs).toEqual([]);
});

test('an experiment is shown with the figures that comparing it gives', async () => {
  const [experiment = '' as ExperimentId] = ids();
  const { arms } = compareSeveral(library, [experiment]);
  const shown = await ask('experiments.show', { experiment });
  expect(shown).toMatchObject({ state: 'done', counts: { waiting: 0, failed: 0 } });
  for (const run of shown.runs) {
    const compared = arms.find(({ arm }) => arm === run.arm);
    for (const { round, sparsity, test, validation, state } of run.rounds) {
      const seed = compared?.rounds[round]?.seeds.find((each) => each.seed === run.seed);
      expect({ test, validation }).toEqual({ test: seed?.test, validation: seed?.validation });
      expect({ sparsity, state }).toEqual({ sparsity: compared?.rounds[round]?.sparsity, state: 'done' });
    }
  }
  const [particle] = shown.runs[0]?.rounds[1]?.jobs.filter(({ role }) => role === 'particle') ?? [];
  if (!particle) throw new Error('no particle');
  const { series } = await ask('experiments.series', { jobs: [particle.key], points: 10 });
  expect(series[0]?.x.length).toBeLessThanOrEqual(10);
  expect(series[0]?.values['loss']?.at(-1)).toBe(library.store.result(particle.key)?.series['loss']?.at(-1));
});

test('what is stored meanwhile is seen at once', async () => {
  const experiment = ids()[1] as ExperimentId;
  await ask('experiments.show', { experiment });
  library.store.note(experiment, 'just now');
  expect(await ask('experiments.show', { experiment })).toMatchObject({ note: 'just now' });
  const { rows } = await ask('table.rows', {
    group: 'none',
    filter: { search: 'just now' },
    offset: 0,
    limit: 10,
  });
  expect(rows).toHaveLength(6);
});

test('layers are told round by round', async () => {
  const [experiment = '' as ExperimentId] = ids();
  const { layers, rounds } = await ask('experiments.layers', { run: `${experiment}/imp/1` });
  expect(layers.map(({ name }) => name)).toEqual(['dense1/kernel', 'dense2/kernel']);
  expect(rounds.map(({ round }) => round)).toEqual([0, 1, 2, 3]);
  expect(rounds[0]?.alive).toEqual(layers.map(({ weights }) => weights));
});

test('errors keep their kind and what to do', async () => {
  const wrong = ask('experiments.show', { experiment: 'nothing-1' });
  await expect(wrong).rejects.toThrow(ConfigError);
  await expect(wrong).rejects.toMatchObject({ message: /nothing-1/, hint: /swamp list/ });
});

test('who gives up waiting hears so at once, and the desk goes on', async () => {
  const controller = new AbortController();
  const given = ask('plans.survey', { dataset: { kind: 'digits' } }, controller.signal);
  controller.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  await expect(ask('plans.survey', { dataset: { kind: 'digits' } })).resolves.toMatchObject({
    survey: { images: { test: 2000 } },
  });
});

test('a thread that dies fails what it was at, and the next call starts another', async () => {
  const file = join(folder, 'deadly.ts');
  writeFileSync(file, 'process.exit(3);\n');
  const raw = { name: 'x', dataset: 'digits', model: { kind: file }, arms: ['imp'] };
  const killed = ask('plans.read', { raw });
  await expect(killed).rejects.toThrow(LibraryError);
  await expect(killed).rejects.toMatchObject({ hint: /starts anew/ });
  expect(await ask('plans.read', { raw: { ...raw, model: 'lenet' } })).toMatchObject({ problems: [] });
});
