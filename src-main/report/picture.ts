import type { Comparison } from '../contract/compare.ts';
import { bandWords } from './bands.ts';
import {
  against,
  comparisonChart,
  dressed,
  fontFamily,
  particlesChart,
  type ChartChoice,
  type ChartOption,
} from './charts.ts';
import { paletteOf, type Theme } from './palette.ts';
import { denominatorSentence, metricStyle } from './select.ts';

export interface PictureOptions extends ChartChoice {
  readonly theme?: Theme;
  /** Draw this arm's particles, average and ensemble instead of all arms. */
  readonly particlesOf?: string;
  /** `false` leaves out title and caption. */
  readonly title?: boolean;
}

/** The comparison as a picture that stands by itself, with a title and what its figures mean. */
export function comparisonPicture(comparison: Comparison, options: PictureOptions = {}): ChartOption {
  const { theme = 'light', title = true, particlesOf, metric = 'accuracy' } = options;
  const palette = paletteOf(comparison, theme);
  const x = particlesOf === undefined ? (options.x ?? 'remaining') : 'remaining';
  const option = dressed(
    particlesOf === undefined
      ? comparisonChart(comparison, palette, options)
      : particlesChart(comparison, particlesOf, palette, options),
    x,
  );
  const name = metricStyle[metric].name;
  const what = particlesOf === undefined ? name : `${name} of ${particlesOf}`;
  return {
    ...option,
    backgroundColor: palette.background,
    ...(title
      ? {
          grid: { ...option.grid, top: 84, left: 64, right: option.grid.right + 12, bottom: 56 },
          title: {
            left: 20,
            top: 14,
            itemGap: 5,
            text: `${comparison.dataset} · ${comparison.model}: ${what} ${against[x]}`,
            subtext: `${denominatorSentence(comparison)}${` ${bandWords(comparison, options.band ?? 'deviation')}`.trimEnd()}`,
            textStyle: { color: palette.text, fontSize: 15, fontWeight: 600, fontFamily },
            subtextStyle: { color: palette.quiet, fontSize: 12, fontFamily },
          },
        }
      : {}),
  };
}
