import type { Axis, Figure, FigureOf } from '../../../contract/figures.ts';
import { mean } from '../../../contract/statistics.ts';
import { SPARSITY, TEST_ACCURACY } from '../axes.ts';
import { barsText, pointOf } from '../seeds.ts';
import type { MeasuredRound } from './measured.ts';

/** A cost that arms are compared at. */
export interface CostKind {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly axis: Axis;
  readonly of: (round: MeasuredRound) => number | null;
}

/** Accuracy against each cost: points are rounds, the front is of those that no other beats on both. */
export function frontFigures(kinds: readonly CostKind[], measured: readonly MeasuredRound[]): Figure[] {
  return kinds.map((kind) => {
    const series = seriesOf(measured, kind);
    const named = { id: `accuracy-${kind.id}`, title: `Accuracy against ${kind.title}` };
    if (series.every(({ points }) => points.length === 0))
      return {
        kind: 'words',
        ...named,
        text: 'None of it is measured yet.',
        hint: 'It is drawn when its first jobs are done.',
      };
    const bars = barsText(counts(measured, kind));
    return {
      kind: 'scatter',
      ...named,
      about: kind.about,
      x: kind.axis,
      y: TEST_ACCURACY,
      better: 'more',
      ...(bars === undefined ? {} : { bars }),
      series,
    };
  });
}

/** Rounds of an arm, seeds together, as far as both the accuracy and the cost are there. */
function found(own: readonly MeasuredRound[], kind: CostKind) {
  return [...Map.groupBy(own, ({ round }) => round)].flatMap(([round, seeds]) => {
    const done = seeds.flatMap(({ accuracy, sparsity, ...rest }) => {
      const cost = kind.of({ accuracy, sparsity, ...rest });
      return accuracy === null || cost === null ? [] : [{ accuracy, cost, sparsity }];
    });
    return done.length > 0 ? [{ round, done }] : [];
  });
}

function seriesOf(measured: readonly MeasuredRound[], kind: CostKind): FigureOf<'scatter'>['series'] {
  return [...Map.groupBy(measured, ({ arm }) => arm)].map(([arm, own]) => ({
    label: arm.label,
    arm: arm.arm,
    points: found(own, kind).map(({ round, done }) =>
      pointOf(
        mean(done.map(({ cost }) => cost)),
        done.map(({ accuracy }) => accuracy),
        `round ${round}`,
      ),
    ),
  }));
}

function counts(measured: readonly MeasuredRound[], kind: CostKind): number[] {
  const arms = [...Map.groupBy(measured, ({ arm }) => arm).values()];
  return arms.flatMap((own) => found(own, kind).map(({ done }) => done.length));
}

/** How bytes fall with sparsity, by how a network is written: of the first arm with one network. */
export function bytesFigure(measured: readonly MeasuredRound[]): Figure[] {
  const arms = [...Map.groupBy(measured, ({ arm }) => arm)];
  const [arm, own] = arms.find(([each]) => each.rounds[0]?.run.run.members === 1) ?? [];
  if (!arm || !own) return [];
  const line = (label: string, kind: keyof MeasuredRound['bytes'], dashed = false) => ({
    label,
    ...(dashed ? { dashed } : {}),
    points: [...Map.groupBy(own, ({ round }) => round)].flatMap(([round, seeds]) => {
      const values = seeds.flatMap(({ bytes }) => bytes[kind] ?? []);
      if (values.length < seeds.length) return [];
      return [{ x: seeds[0]?.sparsity ?? 0, y: mean(values), name: `round ${round}` }];
    }),
  });
  return [
    {
      kind: 'lines',
      id: 'bytes',
      title: `Bytes against sparsity: ${arm.label}`,
      about: 'One network, batch-norm statistics included, by how it is written.',
      x: SPARSITY,
      y: { label: 'Size', unit: 'bytes', scale: 'log' },
      series: [
        line('dense float32', 'dense', true),
        line('values and a bitmap', 'bitmap'),
        line('values and indices', 'indices'),
        line('safetensors as exported', 'file', true),
        line('the same, zlib', 'zlib'),
        line('the same, zstd', 'zstd'),
      ].filter(({ points }) => points.length > 0),
    },
  ];
}

/** All of it, means over seeds. */
export function costTable(measured: readonly MeasuredRound[], batches: readonly number[]): FigureOf<'table'> {
  const rows = [...Map.groupBy(measured, ({ arm }) => arm)].flatMap(([arm, own]) =>
    [...Map.groupBy(own, ({ round }) => round)].map(([round, seeds]) => {
      const over = (of: (each: MeasuredRound) => number | null): number | null => {
        const values = seeds.flatMap((each) => of(each) ?? []);
        return values.length === seeds.length ? mean(values) : null;
      };
      const latency = (batch: number, of: 'low' | 'median' | 'high') =>
        over(({ latencies }) => latencies.find((each) => each.batch === batch)?.[of] ?? null);
      return [
        arm.label,
        round,
        seeds[0]?.sparsity ?? 0,
        over(({ accuracy }) => accuracy),
        over(({ training }) => training.dense),
        over(({ training }) => training.sparse),
        over(({ inference }) => inference.dense),
        over(({ inference }) => inference.sparse),
        ...(['dense', 'bitmap', 'indices', 'file', 'zlib', 'zstd'] as const).map((kind) =>
          over(({ bytes }) => bytes[kind]),
        ),
        ...batches.flatMap((batch) => (['median', 'low', 'high'] as const).map((of) => latency(batch, of))),
        seeds.length,
      ];
    }),
  );
  return {
    kind: 'table',
    id: 'cost',
    title: 'What every round costs',
    about: 'Means over seeds; ensembles count all of their networks. Training is all that a round builds on.',
    columns: [
      { label: 'Arm', unit: null },
      { label: 'Round', unit: 'count' },
      { label: 'Sparsity', unit: 'sparsity' },
      { label: 'Test accuracy', unit: 'share' },
      { label: 'Training, dense', unit: 'flops' },
      { label: 'Training, sparse', unit: 'flops' },
      { label: 'Inference, dense', unit: 'flops' },
      { label: 'Inference, sparse', unit: 'flops' },
      { label: 'Dense float32', unit: 'bytes' },
      { label: 'Values and bitmap', unit: 'bytes' },
      { label: 'Values and indices', unit: 'bytes' },
      { label: 'safetensors', unit: 'bytes' },
      { label: 'zlib', unit: 'bytes' },
      { label: 'zstd', unit: 'bytes' },
      ...batches.flatMap((batch) => [
        { label: `Batch of ${batch}, median`, unit: 'ms' as const },
        { label: 'First quartile', unit: 'ms' as const },
        { label: 'Third quartile', unit: 'ms' as const },
      ]),
      { label: 'Seeds', unit: 'count' },
    ],
    rows,
  };
}
