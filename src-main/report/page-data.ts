import { mean } from '../contract/statistics.ts';
import type { ComparedArm, Comparison } from '../contract/compare.ts';
import { networks } from '../statistics/arms.ts';
import { weightsOf } from '../statistics/smallest.ts';
import { xAxes, type Scale } from './axes.ts';
import { bands, bandsOf, bandWords, type Band } from './bands.ts';
import { comparisonChart, particlesChart, type ChartOption } from './charts.ts';
import { comparisonCsv } from './csv.ts';
import { differencesCsv } from './differences-csv.ts';
import { count, flops, sparsityPercent } from './format.ts';
import { paletteOf, type Palette, type Theme } from './palette.ts';
import {
  allRounds,
  hasParticles,
  hasValidation,
  metrics,
  metricStyle,
  particleValues,
  shownDeviation,
  shownMean,
  splits,
  type Metric,
  type SharedRound,
  type Split,
} from './select.ts';
import { comparisonTables } from './sections.ts';

const scales: readonly Scale[] = ['log', 'linear'];

/** Bands that charts are prepared for; the page leaves them out of one where none is wanted. */
function drawnBands(comparison: Comparison): readonly Band[] {
  const drawn = bandsOf(comparison).filter((band) => band !== 'none');
  return drawn.length > 0 ? drawn : ['deviation'];
}

/** Everything the page's script needs, as JSON. Charts carry placeholders `@text`, `@0`, … for colours. */
export function pageData(comparison: Comparison): Readonly<Record<string, unknown>> {
  const shownSplits = hasValidation(comparison) ? splits : splits.slice(0, 1);
  const views = metrics.flatMap((metric) => shownSplits.map((split) => ({ metric, split })));
  const palette = placeholders(comparison);
  const drawn = drawnBands(comparison);
  const rows = allRounds(comparison);
  const withParticles = comparison.arms.filter(hasParticles);
  return {
    experiment: comparison.experiment.replaceAll(' ', '-'),
    numbered: rows.every(({ round }) => round !== null),
    metrics: metricStyle,
    themes: { light: colours(comparison, 'light'), dark: colours(comparison, 'dark') },
    arms: comparison.arms.map((arm) => armData(comparison, arm, rows, views)),
    charts: Object.fromEntries(
      views.flatMap(({ metric, split }) =>
        xAxes.flatMap((x) =>
          scales.flatMap((scale) =>
            drawn.map((band): [string, ChartOption] => [
              `${metric}/${split}/${x}/${scale}/${band}`,
              comparisonChart(comparison, palette, { metric, split, x, scale, band }),
            ]),
          ),
        ),
      ),
    ),
    particles: withParticles.map(({ arm }) =>
      Object.fromEntries(
        views.flatMap(({ metric, split }) =>
          scales.flatMap((scale) =>
            drawn.map((band): [string, ChartOption] => [
              `${metric}/${split}/${scale}/${band}`,
              particlesChart(comparison, arm, palette, { metric, split, scale, band }),
            ]),
          ),
        ),
      ),
    ),
    tables: Object.fromEntries(
      views.map(({ metric, split }) => [
        `${metric}/${split}`,
        {
          markdown: comparisonTables(comparison, { format: 'markdown', metric, split }),
          latex: comparisonTables(comparison, { format: 'latex', metric, split }),
        },
      ]),
    ),
    bands: Object.fromEntries(bands.map((band) => [band, bandWords(comparison, band)])),
    csv: comparisonCsv(comparison),
    differences: differencesCsv(comparison),
  };
}

/** What the pointer is told about an arm. */
function armData(
  comparison: Comparison,
  arm: ComparedArm,
  rows: readonly SharedRound[],
  views: readonly { readonly metric: Metric; readonly split: Split }[],
): Readonly<Record<string, unknown>> {
  return {
    arm: arm.arm,
    kind: arm.kind,
    networks: networks(arm),
    rounds: arm.rounds.map((round) => ({
      row: rows.findIndex((row) => row.of(arm) === round),
      round: round.round,
      sparsity: sparsityPercent(round.sparsity),
      weights: count(round.remaining * weightsOf(comparison, arm)),
      inference: flops(round.inferenceFlops),
      training: flops(round.trainingFlops),
      values: Object.fromEntries(
        views.map(({ metric, split }) => {
          const seeds = round.seeds.map((seed) => particleValues(seed, split, metric));
          const ensembles = seeds.flatMap(({ ensemble }) => (ensemble === null ? [] : [ensemble]));
          return [
            `${split}/${metric}`,
            {
              mean: rounded(shownMean(round, split, metric)),
              deviation: rounded(shownDeviation(round, split, metric)),
              particles: seeds
                .flatMap(({ particles }) => (particles.length > 1 ? particles : []))
                .map(rounded)
                .filter((value) => value !== null),
              ensemble: ensembles.length === 0 ? null : rounded(mean(ensembles)),
            },
          ];
        }),
      ),
    })),
  };
}

function rounded(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}

function placeholders(comparison: Comparison): Palette {
  return {
    text: '@text',
    quiet: '@quiet',
    line: '@line',
    background: '@background',
    arms: comparison.arms.map((_, index) => `@${index}`),
  };
}

function colours(comparison: Comparison, theme: Theme): Readonly<Record<string, string>> {
  const { arms, text, quiet, line, background } = paletteOf(comparison, theme);
  return {
    '@text': text,
    '@quiet': quiet,
    '@line': line,
    '@background': background,
    ...Object.fromEntries(arms.map((colour, index) => [`@${index}`, colour])),
  };
}
