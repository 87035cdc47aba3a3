import { describe, expect, test } from 'vitest';
import type { Claim } from '../../contract/figures.ts';
import type { PlannedJob } from '../../contract/job.ts';
import { experimentOf, opened, resultsOf } from './opened.fixture.ts';
import { figure } from './figure.fixture.ts';

const of = (jobs: readonly PlannedJob[], kind: string) => jobs.filter(({ spec }) => spec.kind === kind);

/** Error 0.2 at the ends, and a hill in the middle of a line, of a height that may depend on the seed. */
const hill = (height: (seed: number) => number) => (job: PlannedJob) => {
  const { spec } = job;
  if (spec.kind === 'measure') return { trainLoss: [1], trainError: [0.1], testLoss: [2], testError: [0.2] };
  if (spec.kind !== 'connectivity') return null;
  const alpha = Array.from({ length: spec.points - 2 }, (_, at) => (at + 1) / (spec.points - 1));
  const at = (base: number): number[] =>
    alpha.map((value) => base + height(spec.task.split.seed) * 4 * value * (1 - value));
  return { alpha, trainLoss: at(1), trainError: at(0.1), testLoss: at(2), testError: at(0.2) };
};

describe('lines between successive rounds', () => {
  const { own, read } = opened({ kind: 'connectivity' }, ['test/swamp-4/1', 'test/swamp-4/2', 'test/imp/1']);

  test('are a job each, their ends one that neighbours share', () => {
    expect(of(own, 'connectivity')).toHaveLength(9);
    // Four rounds of three runs; round 0 of imp and of swamp differ in how they train.
    expect(of(own, 'measure')).toHaveLength(12);
    for (const { spec } of of(own, 'connectivity'))
      expect(spec).toMatchObject({ points: 25, ends: false, testImages: 1000, statisticsImages: 512 });
  });

  test('give barriers by sparsity, means over seeds, and hold the claim against what counts as one', () => {
    const { figures, claims } = read(
      resultsOf(
        own,
        hill((seed) => (seed === 1 ? 0.01 : 0.012)),
      ),
    );
    const barriers = figure(figures, 'lines', 'test-error-barriers');
    expect(barriers.series.map(({ arm }) => arm)).toEqual(['swamp(4)', 'imp']);
    expect(barriers.series[0]?.points.map(({ y }) => y)).toEqual([
      expect.closeTo(0.011, 9),
      expect.closeTo(0.011, 9),
      expect.closeTo(0.011, 9),
    ]);
    expect(barriers.series[0]?.points.map(({ name }) => name)).toEqual([
      'round 0 → round 1',
      'round 1 → round 2',
      'round 2 → round 3',
    ]);
    expect(barriers.series[0]?.points[2]?.x).toBeCloseTo(1 - 0.7 ** 3, 4);
    const path = figure(figures, 'lines', 'training-loss-along-rounds');
    expect(path.series.map(({ arm }) => arm)).toEqual(['swamp(4)', 'imp']);
    // Three lines of 25 points, neighbours sharing their ends.
    expect(path.series[0]?.points.map(({ x }) => x)).toEqual(
      Array.from({ length: 73 }, (_, at) => expect.closeTo(at / 24, 9) as number),
    );
    expect(path.series[0]?.points[36]).toMatchObject({ x: 1.5, y: expect.closeTo(1.011, 9) as number });
    expect(path.series[0]?.points[48]).toMatchObject({ x: 2, y: 1, name: 'round 2' });
    // Two seeds: 0.010 and 0.012 have an interval of ±0.0127 by Student's t; of one seed the images are what there is.
    expect(claims[0]).toMatchObject({ verdict: 'open', interval: '95 % interval over 2 seeds' });
    expect(claims[0]?.value).toBeCloseTo(0.011, 9);
    expect(claims[0]?.high).toBeCloseTo(0.011 + 0.0127062, 6);
    expect(claims[1]).toMatchObject({ verdict: 'open', interval: '95 % interval over 1,000 test images' });
  });

  test('of one seed are held by the largest, however low the others are', () => {
    const one = opened({ kind: 'connectivity' }, ['test/imp/1']);
    const lines = of(one.own, 'connectivity');
    const high = hill(() => 0.2);
    const low = hill(() => 0.001);
    const { claims } = one.read(resultsOf(one.own, (job) => (job === lines[1] ? high : low)(job)));
    expect(claims[0]).toMatchObject({ verdict: 'refuted', value: expect.closeTo(0.2, 9) as number });
    expect(claims[0]?.text).toMatch(/, the largest of 3$/);
  });

  test('hold nothing where a line between sound networks gives no numbers', () => {
    const lost = (job: PlannedJob) => {
      const made = hill(() => 0)(job);
      const broken = job === of(own, 'connectivity')[0];
      return made && broken ? { ...made, lost: [3] } : made;
    };
    expect(read(resultsOf(own, lost)).claims[0]).toMatchObject({
      ...{ verdict: 'open', value: null },
      interval: 'the loss is not finite on some line',
    });
  });

  test('say in words what is not there yet', () => {
    const { figures, claims } = read(() => null);
    expect(figures.map(({ kind }) => kind)).toEqual(['words', 'words', 'words', 'words', 'table']);
    expect(claims.map(({ verdict, value }) => [verdict, value])).toEqual([
      ['open', null],
      ['open', null],
    ]);
  });

  test('leave out what is lost, and say so', () => {
    const series = hill(() => 0.01);
    const lost = (job: PlannedJob) => {
      const made = series(job);
      return made && job.spec.kind === 'connectivity' ? { ...made, lost: [3, 4] } : made;
    };
    const { figures, notes } = read(resultsOf(own, lost));
    expect(figure(figures, 'lines', 'test-error-along-rounds').series[1]?.points[4]?.y).toBeNull();
    expect(figure(figures, 'words', 'test-error-barriers').text).toMatch(/no numbers/);
    expect(notes).toContain(
      'imp, seed 1 round 0 → imp, seed 1 round 1: the network gives no numbers at 2 of 25 points. Both ends are sound; what lies between them is not.',
    );
  });
});

test('all rounds make a heat map, the same both ways', () => {
  const { own, read } = opened({ kind: 'connectivity', pairs: 'all' }, ['test/imp/1']);
  expect(of(own, 'connectivity')).toHaveLength(6);
  expect(of(own, 'connectivity')[0]?.spec).toMatchObject({ points: 7 });
  const done = of(own, 'connectivity').slice(1);
  const { figures } = read(
    resultsOf(
      [...done, ...of(own, 'measure')],
      hill(() => 0.09),
    ),
  );
  const { values, about } = figure(figures, 'heat', 'test-error-barriers-imp-rounds');
  expect(values[0]).toEqual([0, null, expect.closeTo(0.09, 9), expect.closeTo(0.09, 9)]);
  for (const row of [0, 1, 2, 3])
    for (const column of [0, 1, 2, 3]) expect(values[row]?.[column]).toBe(values[column]?.[row]);
  expect(about).toMatch(/1 of 6 are not known/);
  expect(figures.map(({ kind }) => kind)).toEqual(['heat', 'heat', 'table']);
});

describe('particles of a round', () => {
  test('are joined by all pairs, in the last round unless another is named', () => {
    const { own, read } = opened({ kind: 'connectivity', pairs: 'particles' }, ['test/swamp-4/1']);
    expect(of(own, 'connectivity')).toHaveLength(6);
    const { figures, claims } = read(
      resultsOf(
        own,
        hill(() => 0.5),
      ),
    );
    expect(figures.map(({ id }) => id)).toContain('test-error-barriers-swamp-4-round-3');
    expect(claims[0]).toMatchObject({
      text: 'swamp(4) round 3: no barrier between any two particles, less than 2 points of test error, the largest of 6',
      verdict: 'refuted',
    });
    const named = opened({ kind: 'connectivity', pairs: 'particles' }, ['test/swamp-4/1@1']);
    const keys = new Set(own.map(({ key }) => key));
    expect(of(named.own, 'connectivity').some(({ key }) => keys.has(key))).toBe(false);
  });

  test('are an ensemble’s members: the control of dense solutions that never met', () => {
    const { own, read } = opened({ kind: 'connectivity', pairs: 'particles', round: 0 }, [
      'test/imp-ensemble-2/1',
      'test/imp-ensemble-2/2',
    ]);
    expect(of(own, 'connectivity')).toHaveLength(2);
    const { claims, figures } = read(
      resultsOf(
        own,
        hill((seed) => 0.4 + seed / 1000),
      ),
    );
    expect(claims[0]).toMatchObject({ verdict: 'refuted', interval: '95 % interval over 2 seeds' });
    expect(claims[0]?.text).toMatch(/between member 0 and member 1/);
    expect(figures.map(({ kind }) => kind)).toEqual(['lines', 'lines', 'table']);
  });

  test('must be several', () => {
    expect(() => opened({ kind: 'connectivity', pairs: 'particles' }, ['test/imp/1'])).toThrow(
      /one training/,
    );
  });
});

describe('named solutions', () => {
  test('are joined whatever runs they are of, under the first one’s split', () => {
    const { own, read } = opened({ kind: 'connectivity' }, [
      'test/imp/1@0',
      'test/swamp-4/2@3',
      'test/imp-ensemble-2/1@2:1',
    ]);
    expect(of(own, 'connectivity')).toHaveLength(3);
    const seeds = of(own, 'connectivity').map(({ spec }) => 'task' in spec && spec.task.split.seed);
    expect(seeds).toEqual([1, 1, 2]);
    // Ends are measured on what their line is measured on: two of them for either split.
    expect(of(own, 'measure')).toHaveLength(5);
    const { figures } = read(
      resultsOf(
        own,
        hill(() => 0),
      ),
    );
    expect(figure(figures, 'heat', 'test-error-barriers-solutions').rows.names).toEqual([
      'imp, seed 1 round 0',
      'swamp(4), seed 2 round 3',
      'imp-ensemble(2), seed 1 round 2 member 1',
    ]);
  });

  test('two of them have an interval over the images', () => {
    const { own, read } = opened({ kind: 'connectivity' }, ['test/imp/1@0', 'test/imp/1@1']);
    const claim = (height: number): Claim | undefined =>
      read(
        resultsOf(
          own,
          hill(() => height),
        ),
      ).claims[0];
    // Errors of 0.6 in the middle and 0.2 at the ends, on 1,000 images each: standard deviations of 0.0155 and 0.0126.
    expect(claim(0.4)).toMatchObject({
      verdict: 'refuted',
      interval: '95 % interval over 1,000 test images',
    });
    expect((claim(0.4)?.high ?? NaN) - 0.4).toBeCloseTo(1.96 * Math.sqrt(0.24 / 1000 + 0.16 / 2000), 9);
    expect(claim(0)?.verdict).toBe('open');
  });

  test('are refused where they are one, the same, or mixed with runs', () => {
    const refused = (...subjects: string[]) => expect(() => opened({ kind: 'connectivity' }, subjects));
    refused('test/imp/1@0').toThrow(/one solution: a line has two ends/);
    refused('test/imp/1@1', 'test/imp-ensemble-2/1@1:0').toThrow(/are the same solution/);
    refused('test/imp/1', 'test/imp/2@0').toThrow(/names a run, other subjects name solutions/);
    refused('test/imp-ensemble-2/1@0', 'test/imp/1@0').toThrow(/stands for 2 networks/);
    refused('test/imp-ensemble-2/1').toThrow(/stands for 2 networks/);
  });
});

test('networks of different shapes are refused by name, before anything is planned', () => {
  const other = experimentOf('wide', { model: { kind: 'lenet', hidden: [400, 100] } });
  expect(() =>
    opened({ kind: 'connectivity' }, ['test/imp/1@0', 'wide/imp/1@0'], [experimentOf('test'), other]),
  ).toThrow(/test\/imp\/1 is a LeNet.* of 266,610 weights, wide\/imp\/1 a LeNet.* of 355,110 weights/);
});
