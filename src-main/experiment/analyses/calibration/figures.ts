import type { Figure } from '../../../contract/figures.ts';
import type { Metrics } from '../../../contract/metrics.ts';
import { SPARSITY } from '../axes.ts';
import type { Predictor } from '../networks.ts';
import { barsText, pointOf } from '../seeds.ts';

/** Test images of a bin of confidence: how many, how many right, and the sum of confidences. */
interface Bin {
  readonly count: number;
  readonly correct: number;
  readonly confidence: number;
}

export interface Calibrated extends Predictor {
  /** As it was evaluated; `null`: not yet. */
  readonly test: Metrics | null;
  /** Whether it has a diagram. */
  readonly drawn: boolean;
  readonly bins: readonly Bin[] | null;
}

export function figuresOf(found: readonly Calibrated[]): Figure[] {
  const rounds = [...new Set(found.filter(({ drawn }) => drawn).map(({ round }) => round))].sort(
    (a, b) => a - b,
  );
  const missing = found.filter(({ drawn, bins }) => drawn && bins === null);
  return [
    ...rounds.flatMap((round) =>
      diagrams(
        found.filter((each) => each.round === round && each.bins),
        round,
      ),
    ),
    ...(missing.length > 0
      ? [
          {
            kind: 'words' as const,
            id: 'missing',
            title: 'Not counted yet',
            text: `Predictions of ${missing.length} of the runs and rounds are not counted yet.`,
            hint: 'Let the analysis go on, or resume it with `swamp resume`.',
          },
        ]
      : []),
    ...overSparsity(found.filter(({ test }) => test !== null)),
    table(found),
  ];
}

/** Accuracy against confidence, and how many images are how sure. */
function diagrams(found: readonly Calibrated[], round: number): Figure[] {
  if (found.length === 0) return [];
  const arms = [...Map.groupBy(found, ({ label }) => label)].map(([label, looks]) => ({
    ...{ label, arm: looks[0]?.arm ?? label },
    bins: pooled(looks.flatMap(({ bins }) => (bins ? [bins] : []))),
  }));
  const width = arms[0]?.bins.length ?? 1;
  const edge = (bin: number): string => (bin / width).toFixed(2);
  const total = (bins: readonly Bin[]): number => bins.reduce((sum, { count }) => sum + count, 0);
  return [
    {
      kind: 'lines',
      id: `reliability-${round}`,
      title: `Reliability in round ${round}`,
      about:
        'Share of right predictions by mean confidence of the bin; on the dashed line both agree, below it networks are too sure.',
      x: { label: 'Confidence', unit: 'share', scale: 'linear' },
      y: { label: 'Test accuracy', unit: 'share', scale: 'linear' },
      series: [
        ...arms.map(({ label, arm, bins }) => ({
          ...{ label, arm },
          points: bins.flatMap(({ count, correct, confidence }, bin) =>
            count === 0
              ? []
              : [
                  {
                    x: confidence / count,
                    y: correct / count,
                    name: `${edge(bin)} to ${edge(bin + 1)}: ${count.toLocaleString('en-US')} images`,
                  },
                ],
          ),
        })),
        {
          label: 'as sure as right',
          dashed: true,
          points: [
            { x: 0, y: 0 },
            { x: 1, y: 1 },
          ],
        },
      ],
    },
    {
      kind: 'bars',
      id: `confidence-${round}`,
      title: `Confidence in round ${round}`,
      about: 'Share of the test images by the probability of the most probable class.',
      y: { label: 'Test images', unit: 'share', scale: 'linear' },
      categories: Array.from({ length: width }, (_, bin) => `${edge(bin)}–${edge(bin + 1)}`),
      series: arms.map(({ label, arm, bins }) => ({
        ...{ label, arm },
        values: bins.map(({ count }) => count / total(bins)),
      })),
    },
  ];
}

/** Images of several seeds together. */
function pooled(all: readonly (readonly Bin[])[]): Bin[] {
  const length = Math.max(0, ...all.map((bins) => bins.length));
  return Array.from({ length }, (_, bin) => {
    const sum = (of: keyof Bin): number => all.reduce((total, bins) => total + (bins[bin]?.[of] ?? 0), 0);
    return { count: sum('count'), correct: sum('correct'), confidence: sum('confidence') };
  });
}

/** ECE and NLL as evaluated, means over seeds. */
function overSparsity(found: readonly Calibrated[]): Figure[] {
  const groups = [...Map.groupBy(found, ({ label, round }) => JSON.stringify([label, round])).values()];
  const arms = new Map(found.map(({ label, arm }) => [label, arm]));
  const bars = barsText(groups.map(({ length }) => length));
  const figure = (metric: 'ece' | 'nll', title: string, unit: 'share' | 'number'): Figure => ({
    kind: 'lines',
    id: metric,
    title: `${title} against sparsity`,
    x: SPARSITY,
    y: { label: title, unit, scale: 'linear' },
    ...(bars === undefined ? {} : { bars }),
    series: [...arms].map(([label, arm]) => ({
      ...{ label, arm },
      points: groups
        .filter(([first]) => first?.label === label)
        .map((looks) =>
          pointOf(
            looks[0]?.sparsity ?? 0,
            looks.flatMap(({ test }) => test?.[metric] ?? []),
            `round ${looks[0]?.round ?? 0}`,
          ),
        )
        .toSorted((a, b) => a.x - b.x),
    })),
  });
  const several = new Set(found.map(({ round }) => round)).size > 1;
  return several ? [figure('ece', 'Test ECE', 'share'), figure('nll', 'Test NLL', 'number')] : [];
}

function table(found: readonly Calibrated[]): Figure {
  return {
    kind: 'table',
    id: 'calibration',
    title: 'Calibration by run and round',
    columns: [
      { label: 'Arm', unit: null },
      { label: 'Seed', unit: 'count' },
      { label: 'Round', unit: 'count' },
      { label: 'Sparsity', unit: 'sparsity' },
      { label: 'Accuracy', unit: 'share' },
      { label: 'Mean confidence', unit: 'share' },
      { label: 'ECE', unit: 'share' },
      { label: 'NLL', unit: 'number' },
    ],
    rows: found.map(({ label, run, round, sparsity, test, bins }) => {
      const sum = (of: keyof Bin): number => bins?.reduce((total, bin) => total + bin[of], 0) ?? 0;
      return [
        ...[label, run.seed, round, sparsity, test?.accuracy ?? null],
        ...[bins ? sum('confidence') / sum('count') : null, test?.ece ?? null, test?.nll ?? null],
      ];
    }),
  };
}
