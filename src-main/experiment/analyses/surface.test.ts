import { describe, expect, test } from 'vitest';
import type { PlannedJob } from '../../contract/job.ts';
import { jobSeconds } from '../cost.ts';
import { opened, resultsOf } from './opened.fixture.ts';

const slabs = (jobs: readonly PlannedJob[]) => jobs.filter(({ spec }) => spec.kind === 'surface');

/** A bowl; marks at places that say which they are. */
const bowl = (job: PlannedJob) => {
  const { spec } = job;
  if (spec.kind === 'measure')
    return { trainLoss: [0.3], trainError: [0.1], testLoss: [0.5], testError: [0.2] };
  if (spec.kind !== 'surface') return null;
  const steps = Array.from({ length: spec.size }, (_, at) => at);
  const values = steps
    .slice(spec.rows.from, spec.rows.to)
    .flatMap((row) => steps.map((column) => row * 100 + column));
  const places = job.inputs.map((_, at) => at);
  // What rounding leaves of the first one's distance, which is none.
  const distances = places.map((at) => (at === 0 ? 9e-14 : 0.5));
  return {
    ...{ x: steps, y: steps.map((step) => 10 * step) },
    ...{ placeX: places, placeY: places.map((at) => 10 * at), placeDistance: distances },
    ...{ trainLoss: values, trainError: values, testLoss: values, testError: values },
  };
};

describe('a surface of particles', () => {
  const { own, read, plan } = opened({ kind: 'surface' }, ['test/swamp-4/1']);

  test('is made in slabs of rows that hold the grid, each knowing all that is marked', () => {
    const rows = slabs(own).map(({ spec }) =>
      spec.kind === 'surface' ? [spec.rows.from, spec.rows.to] : [],
    );
    expect(rows[0]).toEqual([0, 2]);
    expect(rows.at(-1)).toEqual([24, 25]);
    expect(
      rows.flatMap(([from = 0, to = 0]) => Array.from({ length: to - from }, (_, at) => from + at)),
    ).toEqual(Array.from({ length: 25 }, (_, at) => at));
    expect(slabs(own)[0]?.inputs.map(({ name }) => name)).toEqual(
      [...'ccc'].map(() => 'solution').concat('point', 'point'),
    );
    expect(own.filter(({ spec }) => spec.kind === 'measure')).toHaveLength(5);
  });

  test('costs the passes of its images: that is what time left goes by', () => {
    const timings = { stepMs: 0, evaluationMs: 100 };
    const seconds = slabs(own).map(
      (job) => jobSeconds(plan, job, timings) - jobSeconds(plan, job, { stepMs: 0, evaluationMs: 0 }),
    );
    // 625 points of 500 training and 500 test images; LeNet has no statistics.
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeCloseTo(625 * 2 * 0.1, 9);
  });

  test('has contours by row and column, marks with their own values, and paths to the average', () => {
    const { figures } = read(resultsOf(own, bowl));
    const [loss, error, table] = figures;
    if (loss?.kind !== 'surface' || error?.kind !== 'surface') throw new Error('no surface');
    expect(loss.values[7]?.[3]).toBe(703);
    expect(loss.values[24]?.[24]).toBe(2424);
    expect(loss.y.values[2]).toBe(20);
    expect(loss.marks.map(({ label }) => label)).toEqual([
      ...['particle 0', 'particle 1', 'particle 2', 'particle 3', 'average'],
    ]);
    expect(loss.marks[3]).toEqual({ label: 'particle 3', x: 3, y: 30, value: 0.3 });
    expect(error.marks[3]?.value).toBe(0.2);
    expect(loss.paths[1]?.points).toEqual([
      [1, 10],
      [4, 40],
    ]);
    if (table?.kind !== 'table') throw new Error('no table');
    expect(table.rows.map(([label, , , distance]) => [label, distance])).toEqual([
      ['particle 0', 0],
      ...['particle 1', 'particle 2', 'particle 3', 'average'].map((label) => [label, 0.5]),
    ]);
  });

  test('shows the rows that are there', () => {
    const some = [...slabs(own).slice(3, 4), ...own.filter(({ spec }) => spec.kind === 'measure')];
    const [loss] = read(resultsOf(some, bowl)).figures;
    if (loss?.kind !== 'surface') throw new Error('no surface');
    expect(loss.values.flatMap((row, at) => (row[0] === null ? [] : [at]))).toEqual([6, 7]);
    expect(loss.about).toMatch(/2 of 25 rows/);
    expect(read(() => null).figures.map(({ kind }) => kind)).toEqual(['words', 'words']);
  });

  test('says in words that three solutions lie on one line, and what is not finite', () => {
    const flat = read(
      resultsOf(own, ({ spec }) => (spec.kind === 'surface' ? { flat: [1] } : bowl({ spec } as PlannedJob))),
    );
    expect(flat.figures.map(({ kind }) => kind)).toEqual(['words', 'words']);
    expect(flat.figures[0]).toMatchObject({
      text: expect.stringMatching(/^particle 0, particle 1 and particle 2 lie on one line/) as string,
    });
    const lost = read(
      resultsOf(own, (job) => {
        const made = bowl(job);
        return made && job.spec.kind === 'surface' ? { ...made, lost: [0] } : made;
      }),
    );
    const [loss] = lost.figures;
    expect(loss?.kind === 'surface' && loss.values[4]?.[0]).toBeNull();
    expect(lost.notes.at(-1)).toMatch(/no numbers at 13 of 625 points/);
  });
});

describe('a surface of named solutions', () => {
  test('goes through the first three; the rounds of one run are a path', () => {
    const { own, read } = opened({ kind: 'surface', size: 5 }, [
      'test/imp/1@1',
      'test/imp/1@2',
      'test/imp/1@3',
      'test/imp/1@0',
    ]);
    expect(slabs(own)).toHaveLength(1);
    const [loss] = read(resultsOf(own, bowl)).figures;
    if (loss?.kind !== 'surface') throw new Error('no surface');
    expect(loss.marks.map(({ label }) => label)).toEqual(['round 1', 'round 2', 'round 3', 'round 0']);
    expect(loss.paths).toHaveLength(1);
    expect(loss.paths[0]?.points).toHaveLength(4);
  });

  test('takes a run for its last round', () => {
    const { own } = opened({ kind: 'surface' }, ['test/imp/1', 'test/imp/2', 'test/swamp-4/1']);
    const named = opened({ kind: 'surface' }, ['test/imp/1@3', 'test/imp/2@3', 'test/swamp-4/1@3']);
    expect(own.map(({ key }) => key)).toEqual(named.own.map(({ key }) => key));
  });

  test('is refused without three of them', () => {
    const refused = (...subjects: string[]) => expect(() => opened({ kind: 'surface' }, subjects));
    refused('test/imp/1').toThrow(/one training in a round, and a plane goes through three/);
    refused('test/swamp-4/1@2:0').toThrow(/one solution, and a plane goes through three/);
    refused('test/imp/1@0', 'test/imp/1@1').toThrow(/2 solutions are named/);
    refused('test/imp/1@0', 'test/imp/1@1', 'test/imp/1@1').toThrow(/named twice/);
    refused('test/imp/1@0', 'test/imp/1@1', 'test/imp-ensemble-2/1').toThrow(/stands for 2 networks/);
  });
});

test('the ticket is marked where it is asked for', () => {
  const { own, read } = opened({ kind: 'surface', ticket: true, size: 5 }, ['test/swamp-4/1@2']);
  const [loss] = read(resultsOf(own, bowl)).figures;
  if (loss?.kind !== 'surface') throw new Error('no surface');
  expect(loss.marks.at(-1)?.label).toBe('ticket');
  expect(loss.paths[0]?.points).toEqual([
    [5, 50],
    [0, 0],
    [4, 40],
  ]);
});
