import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tableMethods, type TableRow } from '../contract/api/table.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { openLibrary, type Library } from './library.ts';
import type { TableQuery } from './run-table.ts';
import type { RunSummary } from './rows.ts';
import type { Store } from './store.ts';
import { experiment, finish, job, keyOf } from './testing.ts';

let folder: string;
let library: Library;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'table-'));
  library = openLibrary(join(folder, 'library'), { create: true });
  ({ store } = library);
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

/** One run a seed of each arm; the group is the arm's with the experiment's settings. */
function create(
  id: string,
  arms: readonly string[],
  seeds: readonly number[],
  { settings = id, dataset = 'digits', model = 'LeNet' } = {},
): void {
  const jobs = arms.flatMap((arm) => seeds.map((seed) => job(`${settings} ${arm} ${seed}`)));
  const base = experiment(id, jobs, {});
  const runs = arms.flatMap((arm) =>
    seeds.map((seed) => ({
      id: `${id}/${arm}/${seed}` as RunId,
      arm,
      slug: arm,
      kind: arm.replace(/-.*/, ''),
      spec: { kind: arm },
      seed,
      rounds: 4,
      group: `${settings} ${arm}`,
    })),
  );
  store.createExperiment({
    ...base,
    titles: { dataset, model },
    runs,
    runJobs: runs.map((run) => ({
      run: run.id,
      job: keyOf(`${settings} ${run.arm} ${run.seed}`),
      round: 0,
      role: 'particle' as const,
      index: 0,
    })),
  });
}

function summarise(run: string, accuracy: number, more: Partial<RunSummary> = {}): void {
  store.updateRunSummary(run as RunId, {
    roundsDone: 4,
    finalSparsity: 0.5,
    finalAccuracy: accuracy,
    finalValidationAccuracy: null,
    bestValidationAccuracy: accuracy,
    bestAccuracy: accuracy,
    bestSparsity: 0.25,
    bestRound: 1,
    ...more,
  });
}

type Asked = Partial<Omit<TableQuery, 'filter'>> & { filter?: Partial<TableQuery['filter']> };

function table(query: Asked = {}): { total: number; runs: number; rows: TableRow[] } {
  const read = tableMethods['table.rows'].input.parse({ group: 'seeds', offset: 0, limit: 50, ...query });
  return tableMethods['table.rows'].output.parse(store.table(read));
}

const keys = (query: Asked): string[] => table(query).rows.map(({ key }) => key);
const arms = (query: Asked): string[] => table(query).rows.map(({ arm }) => arm);

describe('rows', () => {
  test('of runs that differ in nothing but the seed are one, with mean and n−1 deviation', () => {
    create('a-1', ['imp', 'swamp-4'], [1, 2, 3]);
    for (const [seed, accuracy] of [0.5, 0.6, 0.7].entries()) summarise(`a-1/imp/${seed + 1}`, accuracy);
    const { rows, total, runs } = table();
    expect({ total, runs }).toEqual({ total: 2, runs: 6 });
    expect(rows[0]).toMatchObject({
      key: 'a-1 imp',
      arm: 'imp',
      experiment: 'a-1',
      dataset: 'digits',
      model: 'LeNet',
      state: 'waiting',
      roundsDone: 4,
      bestRound: 1,
      runs: [{ run: 'a-1/imp/1', seed: 1 }, { seed: 2 }, { seed: 3 }],
    });
    expect(rows[0]?.finalAccuracy?.mean).toBeCloseTo(0.6, 12);
    expect(rows[0]?.finalAccuracy?.deviation).toBeCloseTo(0.1, 12);
    expect(rows[1]).toMatchObject({ arm: 'swamp-4', finalAccuracy: null, roundsDone: 0 });
    expect(table({ group: 'none' }).rows[0]).toMatchObject({
      key: 'a-1/imp/1',
      finalAccuracy: { deviation: null },
    });
  });

  test('join the seeds of several experiments, each seed once: as the run that has got furthest', () => {
    create('a-1', ['imp'], [1, 2], { settings: 'same' });
    create('a-2', ['imp'], [2, 3], { settings: 'same' });
    summarise('a-1/imp/1', 0.5);
    summarise('a-1/imp/2', 0.6);
    summarise('a-2/imp/2', 0.1, { roundsDone: 1 });
    summarise('a-2/imp/3', 0.7);
    const [row, ...others] = table().rows;
    expect(others).toEqual([]);
    expect(row?.runs).toHaveLength(4);
    expect(row?.experiment).toBe('a-2');
    expect(row?.finalAccuracy?.mean).toBeCloseTo(0.6, 12);
    // What is sorted by is what is shown.
    create('b-1', ['imp'], [1]);
    summarise('b-1/imp/1', 0.59);
    const sort = { by: 'finalAccuracy', descending: true } as const;
    expect(keys({ sort })).toEqual(['same imp', 'b-1 imp']);
    expect(keys({ sort: { ...sort, descending: false } })).toEqual(['b-1 imp', 'same imp']);
  });

  test('tell the state that needs attention first', () => {
    create('a-1', ['imp'], [1, 2]);
    finish(store, library.objects, 'a-1 imp 1', 1);
    store.startJob(keyOf('a-1 imp 2'), 'worker');
    expect(table().rows[0]?.state).toBe('running');
    store.failJob(keyOf('a-1 imp 2'), { name: 'Error', message: 'no', hint: '', stack: '' });
    expect(table().rows[0]?.state).toBe('failed');
    expect(table({ group: 'none' }).rows.map(({ state }) => state)).toEqual(['done', 'failed']);
    expect(keys({ group: 'none', filter: { states: ['failed'] } })).toEqual(['a-1/imp/2']);
  });
});

describe('sorting', () => {
  beforeEach(() => {
    create('b-1', ['imp'], [1]);
    create('A-2', ['swamp-2'], [1]);
    create('c-3', ['dense'], [1]);
    summarise('b-1/imp/1', 0.4);
    summarise('c-3/dense/1', 0.9);
  });

  test('puts rows without a value last, whichever way', () => {
    const by = 'finalAccuracy' as const;
    expect(arms({ sort: { by, descending: true } })).toEqual(['dense', 'imp', 'swamp-2']);
    expect(arms({ sort: { by, descending: false } })).toEqual(['imp', 'dense', 'swamp-2']);
  });

  test('is newest first unless asked otherwise, and takes letters as people do', () => {
    expect(arms({})).toEqual(['dense', 'swamp-2', 'imp']);
    expect(arms({ sort: { by: 'experiment', descending: false } })).toEqual(['swamp-2', 'imp', 'dense']);
  });

  test('cuts pages that together are all rows', () => {
    const pages = [0, 1, 2, 3].map((offset) => table({ group: 'none', offset, limit: 1 }));
    expect(pages.map(({ total }) => total)).toEqual([3, 3, 3, 3]);
    expect(pages.flatMap(({ rows }) => rows.map(({ arm }) => arm))).toEqual(['dense', 'swamp-2', 'imp']);
  });
});

describe('filters', () => {
  beforeEach(() => {
    create('a-1', ['imp', 'swamp-4'], [1], { dataset: 'CIFAR-10 (ÄÖ)', model: 'ResNet-20' });
    create('b-2', ['imp'], [1]);
    store.tag('a-1' as ExperimentId, ['Paper']);
    store.tag('b-2/imp/1' as RunId, ['keep']);
    store.note('b-2' as ExperimentId, 'Ask Anna_100%');
  });

  test.each([
    ['cifar', ['a-1/imp/1', 'a-1/swamp-4/1']],
    ['RESNET swamp', ['a-1/swamp-4/1']],
    ['äö', ['a-1/imp/1', 'a-1/swamp-4/1']],
    ['paper imp', ['a-1/imp/1']],
    ['anna_100%', ['b-2/imp/1']],
    ['  KEEP ', ['b-2/imp/1']],
    ['a%1', []],
    ['', ['b-2/imp/1', 'a-1/imp/1', 'a-1/swamp-4/1']],
  ])('search for "%s"', (search, found) => {
    expect(keys({ group: 'none', filter: { search } })).toEqual(found);
  });

  test('search knows what a label says now', () => {
    store.note('b-2' as ExperimentId, 'nothing');
    store.untag('b-2/imp/1' as RunId, ['keep']);
    expect(keys({ filter: { search: 'anna' } })).toEqual([]);
    expect(keys({ filter: { search: 'keep' } })).toEqual([]);
    expect(keys({ filter: { search: 'nothing' } })).toEqual(['b-2 imp']);
  });

  test('by tag take what the run or its experiment carries', () => {
    expect(keys({ filter: { tags: ['keep'] } })).toEqual(['b-2 imp']);
    expect(keys({ filter: { tags: ['Paper'] } })).toEqual(['a-1 imp', 'a-1 swamp-4']);
    expect(keys({ filter: { tags: ['Paper', 'keep'] } })).toEqual([]);
  });

  test('by kind, data set, model, experiment', () => {
    expect(keys({ filter: { kinds: ['swamp'] } })).toEqual(['a-1 swamp-4']);
    expect(keys({ filter: { datasets: ['digits'] } })).toEqual(['b-2 imp']);
    expect(keys({ filter: { models: ['ResNet-20'], kinds: ['imp'] } })).toEqual(['a-1 imp']);
    expect(keys({ filter: { experiment: 'b-2' as ExperimentId } })).toEqual(['b-2 imp']);
  });

  test('leave out what is archived or in the trash, and show it on request', () => {
    store.tag('a-1' as ExperimentId, ['archived']);
    expect(keys({})).toEqual(['b-2 imp']);
    expect(keys({ filter: { archived: 'only' } })).toEqual(['a-1 imp', 'a-1 swamp-4']);
    expect(keys({ filter: { archived: 'with' } })).toHaveLength(3);
    store.trashExperiments(['a-1' as ExperimentId]);
    expect(table({ filter: { archived: 'with' } })).toMatchObject({ total: 1, runs: 1 });
    const [row] = table({ filter: { trash: 'only' } }).rows;
    expect(row).toMatchObject({ key: 'a-1 imp', tags: ['Paper', 'archived'] });
    expect(row?.removed).toBeGreaterThan(0);
  });

  test('have their facets, each with its number of runs', () => {
    expect(store.facets({ trash: 'without', archived: 'without' })).toEqual({
      states: { waiting: 3 },
      kinds: { imp: 2, swamp: 1 },
      datasets: { 'CIFAR-10 (ÄÖ)': 2, digits: 1 },
      models: { 'ResNet-20': 2, LeNet: 1 },
      tags: { Paper: 2, keep: 1 },
      trash: 0,
      archived: 0,
    });
    store.tag('b-2' as ExperimentId, ['archived']);
    store.trashExperiments(['a-1' as ExperimentId]);
    expect(store.facets({ trash: 'without', archived: 'without' })).toMatchObject({
      kinds: {},
      trash: 2,
      archived: 1,
    });
  });
});

test('an experiment that nobody told the titles of stands by itself until somebody does', () => {
  store.createExperiment(experiment('old-1', [job('x')], { imp: ['x'] }));
  expect(table().rows).toMatchObject([{ key: 'old-1/imp/1', dataset: '', model: '' }]);
  expect(store.untold(10)).toMatchObject([{ id: 'old-1', runs: [{ id: 'old-1/imp/1' }] }]);
  store.tell([
    {
      id: 'old-1' as ExperimentId,
      titles: { dataset: 'digits', model: 'LeNet' },
      runs: [{ id: 'old-1/imp/1' as RunId, group: 'g' }],
    },
  ]);
  expect(keys({ filter: { search: 'lenet' } })).toEqual(['g']);
  expect(store.untold(10)).toEqual([]);
});
