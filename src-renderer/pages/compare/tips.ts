import type { ComparedArm, ComparedRound, Comparison } from '../../../src-main/contract/compare.ts';
import { count, fixed, flops, missing, sparsityPercent } from '../../../src-main/report/format.ts';
import type { Palette } from '../../../src-main/report/palette.ts';
import {
  allRounds,
  metricStyle,
  particleValues,
  shownDeviation,
  shownMean,
  type Metric,
  type SharedRound,
  type Split,
} from '../../../src-main/report/select.ts';
import { networks } from '../../../src-main/statistics/arms.ts';
import { weightsOf } from '../../../src-main/statistics/smallest.ts';
import { tip, type TipLine } from '../../charts/tooltip.ts';

export interface View {
  readonly metric: Metric;
  readonly split: Split;
}

/** `65.35 ± 0.34` */
export function figure(round: ComparedRound, { metric, split }: View): string {
  const value = shownMean(round, split, metric);
  if (value === null) return missing;
  const { digits } = metricStyle[metric];
  const deviation = shownDeviation(round, split, metric);
  return `${fixed(value, digits)}${deviation === null ? '' : ` ± ${fixed(deviation, digits)}`}`;
}

/** `4 particles 64.11 to 64.80, ensemble 65.02`; empty of a single one. */
function particleWords(arm: ComparedArm, round: ComparedRound, { metric, split }: View): string {
  const found = round.seeds.map((seed) => particleValues(seed, split, metric));
  const values = found.flatMap(({ particles }) => (particles.length > 1 ? particles : []));
  if (values.length === 0) return '';
  const { digits } = metricStyle[metric];
  const range = `${fixed(Math.min(...values), digits)} to ${fixed(Math.max(...values), digits)}`;
  return `${arm.arm}: ${networks(arm) > 1 ? 'members' : 'particles'} ${range}`;
}

/** What a round is: `Round 5, 91.6 % sparsity, 6,420 weights left`. */
export function roundWords(comparison: Comparison, arm: ComparedArm, round: ComparedRound): string {
  const left = count(round.remaining * weightsOf(comparison, arm));
  return `Round ${round.round}, ${sparsityPercent(round.sparsity)} sparsity, ${left} weights left`;
}

/** What is under the pointer: a round of every arm that has it, or of one arm with its costs. */
export function roundTip(
  comparison: Comparison,
  { view, palette, hidden }: { view: View; palette: Palette; hidden: ReadonlySet<string> },
  at: { readonly arm: number; readonly index: number; readonly only: boolean },
): HTMLElement | null {
  const arm = comparison.arms[at.arm];
  const round = arm?.rounds[at.index];
  if (!arm || !round) return null;
  const row: SharedRound | undefined = allRounds(comparison).find((each) => each.of(arm) === round);
  const lines = comparison.arms.flatMap((other, index): TipLine[] => {
    if (at.only ? other !== arm : other.kind === 'dense' || hidden.has(other.arm)) return [];
    const found = other === arm ? round : row?.of(other);
    if (!found) return [];
    const colour = palette.arms[index];
    return [{ label: other.arm, value: figure(found, view), ...(colour ? { colour } : {}), strong: true }];
  });
  const particles = at.only ? particleWords(arm, round, view) : '';
  const costs = at.only
    ? [
        { label: 'Inference', value: `${flops(round.inferenceFlops)} an image` },
        { label: 'Training so far', value: flops(round.trainingFlops) },
      ]
    : [];
  const seeds = round.seeds.map(({ seed }) => seed).join(', ');
  return tip(
    roundWords(comparison, arm, round),
    [...lines, ...costs],
    [particles, `${round.seeds.length === 1 ? 'Seed' : 'Seeds'} ${seeds}`].filter((text) => text).join('. '),
  );
}

/** Arm and point of a series of a comparison's chart, which are named `line:A`. */
export function pointOf(seriesId: string, index: number): { arm: number; index: number } | null {
  const [kind, arm] = seriesId.split(':');
  return (kind === 'line' || kind === 'point') && arm !== undefined ? { arm: Number(arm), index } : null;
}
