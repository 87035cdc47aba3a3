import { expect, test } from 'vitest';
import type { FigureOf } from '../../contract/figures.ts';
import type { Results } from './analysis.ts';
import { opened, resultsOf } from './opened.fixture.ts';

const kind = 'calibration';
const bins = (values: Record<number, number>): number[] =>
  Array.from({ length: 15 }, (_, bin) => values[bin] ?? 0);
const series = {
  count: bins({ 9: 10, 14: 90 }),
  correct: bins({ 9: 5, 14: 81 }),
  confidence: bins({ 9: 6.3, 14: 88 }),
};

test('draws the last round, of an ensemble by the mean of its members', () => {
  const { own } = opened({ kind }, ['test/imp/1', 'test/imp-ensemble-2/1']);
  expect(own).toHaveLength(2);
  expect(own.map(({ inputs }) => inputs.map(({ name }) => name))).toEqual([
    ['predictions'],
    ['predictions', 'predictions'],
  ]);
  expect(opened({ kind, rounds: [0, 1] }, ['test/imp/1']).own).toHaveLength(2);
  expect(opened({ kind }, ['test/imp/1@1']).own).toHaveLength(1);
});

test('puts the images of all seeds into one diagram beside the diagonal', () => {
  const open = opened({ kind }, ['test/imp/1', 'test/imp/2']);
  const made = resultsOf(open.plan.jobs, ({ spec }) => (spec.kind === kind ? series : {}));
  const evaluation = { validation: null, test: { accuracy: 0.86, nll: 0.5, ece: 0.083 } };
  // Evaluations of rounds without a diagram are the runs' own, and no jobs of this analysis.
  const provenance = { tensorflow: '', device: '', host: '', app: '' };
  const results: Results = (key) => ({ series: {}, provenance, ...made(key), evaluation });
  const { figures } = open.read(results);
  const lines = figures.find(({ id }) => id === 'reliability-3') as FigureOf<'lines'>;
  const [imp, diagonal] = lines.series;
  expect(imp?.points).toEqual([
    { x: 0.63, y: 0.5, name: '0.60 to 0.67: 20 images' },
    { x: 88 / 90, y: 0.9, name: '0.93 to 1.00: 180 images' },
  ]);
  expect(diagonal).toMatchObject({
    dashed: true,
    points: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  });
  const bars = figures.find(({ kind: each }) => each === 'bars') as FigureOf<'bars'>;
  expect(bars.series[0]?.values[14]).toBe(0.9);
  const table = figures.find(({ kind: each }) => each === 'table') as FigureOf<'table'>;
  expect(table.rows).toHaveLength(8);
  expect(table.rows.at(-1)?.slice(4)).toEqual([0.86, 0.943, 0.083, 0.5]);
  // Rounds without a diagram have figures of their evaluation all the same.
  expect(table.rows[0]?.slice(4)).toEqual([0.86, null, 0.083, 0.5]);
});

test('what is not counted yet is said in words', () => {
  const open = opened({ kind }, ['test/imp/1']);
  const { figures } = open.read(() => null);
  expect(figures.map(({ kind: each }) => each)).toEqual(['words', 'table']);
});
