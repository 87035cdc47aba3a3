import type { ShownExperiment, ShownRun } from '../../../src-main/contract/api/details.ts';
import type { Metrics } from '../../../src-main/contract/metrics.ts';
import { mean } from '../../../src-main/contract/statistics.ts';
import type { ArmLook } from '../../components/arms.ts';
import type { Line } from '../../charts/lines.ts';
import { judgementsOf, type Judged } from './rounds.ts';

export type Measure = keyof Metrics;
export type Split = 'test' | 'validation';

const at = (judged: Judged | null, split: Split, measure: Measure): number | null =>
  judged?.[split]?.[measure] ?? null;

/** What a run stands for, its particles and their ensemble, by round. */
export function runLines(
  run: ShownRun,
  look: ArmLook,
  quiet: string,
  split: Split,
  measure: Measure,
): Line[] {
  const rounds = judgementsOf(run);
  const line = (
    id: string,
    name: string,
    value: (round: (typeof rounds)[number]) => number | null,
    more: Partial<Line> = {},
  ): Line[] => {
    const told = rounds.map((round) => ({ x: round.round, y: value(round) })).filter(({ y }) => y !== null);
    if (told.length === 0) return [];
    return [{ id, name, colour: look.colour, x: told.map(({ x }) => x), y: told.map(({ y }) => y), ...more }];
  };
  const particles = Math.max(0, ...rounds.map((round) => round.particles.length));
  const member = run.kind === 'imp-ensemble' ? 'member' : 'particle';
  const several = particles > 1;
  return [
    ...(several
      ? Array.from({ length: particles }, (_, index) =>
          line(
            `particle:${index}`,
            `${member} ${index}`,
            (round) => at(round.particles.find((each) => each.index === index) ?? null, split, measure),
            { width: 1, opacity: 0.45, named: false },
          ),
        ).flat()
      : []),
    ...line('ensemble', 'ensemble', (round) => at(round.ensemble, split, measure), {
      dash: 'dashed',
      colour: quiet,
    }),
    ...line(
      'stands',
      run.kind === 'imp-ensemble' ? 'ensemble' : several ? 'average' : run.arm,
      (round) => at(round.stands, split, measure),
      { width: 2.5 },
    ),
  ];
}

/** Every arm, means over the seeds that have the round. */
export function armLines(
  { runs }: Pick<ShownExperiment, 'runs'>,
  looks: ReadonlyMap<string, ArmLook>,
  split: Split,
  measure: Measure,
): Line[] {
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  return arms.flatMap((arm) => {
    const mine = runs.filter((run) => run.arm === arm);
    const rounds = Math.max(0, ...mine.map((run) => run.rounds.length));
    const points = Array.from({ length: rounds }, (_, round) => {
      const values = mine.flatMap((run) => {
        const value = run.rounds[round]?.[split]?.[measure];
        return value === undefined || !Number.isFinite(value) ? [] : [value];
      });
      return { round, value: values.length > 0 ? mean(values) : null };
    }).filter(({ value }) => value !== null);
    if (points.length === 0) return [];
    return [
      {
        id: `arm:${arm}`,
        name: arm,
        colour: looks.get(arm)?.colour ?? 'currentColor',
        x: points.map(({ round }) => round),
        y: points.map(({ value }) => value),
        width: 2,
      },
    ];
  });
}
