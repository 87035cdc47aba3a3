import { describe, expect, it } from 'vitest';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import type { ExperimentId, RunId } from '../../../src-main/contract/ids.ts';
import { columnOf, defaultColumns, readColumns, spread, when } from './columns.ts';

const row: TableRow = {
  key: 'k',
  runs: [1, 2].map((seed) => ({
    run: `demo-1a2b/imp/${seed}` as RunId,
    experiment: 'demo-1a2b' as ExperimentId,
    seed,
    state: 'done',
    tags: [],
  })),
  experiments: [{ experiment: 'demo-1a2b' as ExperimentId, tags: [], note: '' }],
  experiment: 'demo-1a2b' as ExperimentId,
  name: 'demo',
  arm: 'imp',
  kind: 'imp',
  arms: [{ arm: 'imp', kind: 'imp' }],
  dataset: 'digits',
  model: 'lenet',
  state: 'done',
  created: 0,
  rounds: 4,
  roundsDone: 2.5,
  finalSparsity: 0.9914,
  finalAccuracy: { mean: 0.97213, deviation: null },
  bestAccuracy: { mean: 0.97213, deviation: 0.00314 },
  bestValidationAccuracy: null,
  bestSparsity: 0.2,
  bestRound: 1,
  tags: [],
  note: '',
  sweep: null,
  origin: null,
  removed: null,
};
const text = (id: Parameters<typeof columnOf>[0]): string | undefined => columnOf(id).text?.(row);

describe('cells', () => {
  it('give means with deviations, single values without', () => {
    expect(text('bestAccuracy')).toBe('97.21 ± 0.31');
    expect(text('finalAccuracy')).toBe('97.21');
    expect(text('bestValidationAccuracy')).toBe('–');
  });

  it('give sparsity with the decimals it needs', () => {
    expect(text('finalSparsity')).toBe('99.14');
    expect(text('bestSparsity')).toBe('20.0');
  });

  it('count seeds and rounds', () => {
    expect(text('seeds')).toBe('1–2');
    expect(text('rounds')).toBe('2.5 / 4');
  });

  it('tell the time of today and the day of others', () => {
    const now = new Date(2026, 4, 3, 14, 0).getTime();
    expect(when(new Date(2026, 4, 3, 9, 5).getTime(), now)).toBe('09:05');
    expect(when(new Date(2026, 4, 2, 9, 5).getTime(), now)).toBe('2026-05-02');
  });
});

describe('readColumns', () => {
  it('keeps order and widths, drops what there is no longer and what stands twice', () => {
    const value = [
      { id: 'arm', width: 200 },
      { id: 'gone', width: 1 },
      { id: 'arm', width: 3, fixed: true },
      { id: 'state' },
    ];
    expect(readColumns(value)).toEqual([
      { id: 'arm', width: 48, fixed: true },
      { id: 'state', width: columnOf('state').width },
    ]);
  });

  it('goes back to the default where nothing can be read', () => {
    for (const value of [undefined, 'x', [], [null]]) expect(readColumns(value)).toEqual(defaultColumns);
  });
});

describe('spread', () => {
  const widths = (columns: readonly { readonly width: number }[]): number[] =>
    columns.map(({ width }) => width);
  const shown = [
    { id: 'arm', width: 142 },
    { id: 'state', width: 104 },
    { id: 'model', width: 300, fixed: true },
  ] as const;

  it('gives room to columns of text, as much as they can use', () => {
    expect(widths(spread(shown, 560))).toEqual([156, 104, 300]);
    expect(widths(spread(shown, 5000))).toEqual([columnOf('arm').roomy, 104, 300]);
  });

  it('takes none away where there is too little', () => {
    expect(widths(spread(shown, 100))).toEqual(widths(shown));
  });
});
