import type { Figure, FigureOf } from '../../../contract/figures.ts';
import { intervalOf } from '../../../statistics/interval.ts';
import { percent, TEST_ACCURACY } from '../axes.ts';
import { fileName } from '../names.ts';
import { barsText, pointOf } from '../seeds.ts';
import { averages, familyNames, trainingFlopsOf, type ReadArm } from './arms.ts';

const PARTICLES = { label: 'Particles, N', unit: 'count', scale: 'log' } as const;

/** An arm of a family: it has one number of particles. */
export type NumberedArm = ReadArm & { readonly particles: number };

/** Accuracy against N, a line a round, of each family. */
export function byRoundFigures(families: readonly (readonly NumberedArm[])[]): Figure[] {
  const names = familyNames(families);
  return families.map((family, at) => byRoundFigure(family, names[at] ?? ''));
}

function byRoundFigure(family: readonly NumberedArm[], name: string): Figure {
  const rounds = [...new Set(family.flatMap(({ compared }) => compared.rounds.map(({ round }) => round)))];
  const series = rounds
    .sort((a, b) => a - b)
    .map((round) => {
      const found = family.flatMap(({ particles, compared }) => {
        const at = compared.rounds.find((each) => each.round === round);
        return at ? [{ particles, ...at }] : [];
      });
      return {
        label: `round ${round} (${percent(found[0]?.sparsity ?? 0)})`,
        points: found.map(({ particles, seeds }) =>
          pointOf(
            particles,
            seeds.map(({ test }) => test.accuracy),
            `N = ${particles}`,
          ),
        ),
      };
    });
  const bars = barsText(family.flatMap(({ compared }) => compared.rounds.map(({ seeds }) => seeds.length)));
  return {
    kind: 'lines',
    id: `by-round-${fileName(family[0]?.kind ?? '')}`,
    title: `${name}: accuracy against N in every round`,
    about: 'Test accuracy, means over seeds.',
    x: PARTICLES,
    y: TEST_ACCURACY,
    ...(bars === undefined ? {} : { bars }),
    series,
  };
}

/** Averaged over sparse rounds: a line a family, other arms as yardsticks. */
export function averagedFigure(
  families: readonly (readonly NumberedArm[])[],
  others: readonly ReadArm[],
): FigureOf<'lines'> {
  const every = families.flat();
  const ends = [Math.min, Math.max].map((of) => of(...every.map(({ particles }) => particles)));
  const bars = barsText([...every, ...others].map((arm) => averages(arm).size));
  const names = familyNames(families);
  return {
    kind: 'lines',
    id: 'averaged',
    title: 'Accuracy against N, averaged over sparse rounds',
    about: sparseWords(every[0]),
    x: PARTICLES,
    y: TEST_ACCURACY,
    ...(bars === undefined ? {} : { bars }),
    series: [
      ...families.map((family, at) => ({
        label: names[at] ?? '',
        ...(family.at(-1) ? { arm: family.at(-1)?.arm } : {}),
        points: family.map((arm) => pointOf(arm.particles, [...averages(arm).values()], arm.label)),
      })),
      ...others.map((arm) => {
        const { mean } = intervalOf([...averages(arm).values()]);
        return {
          label: arm.label,
          arm: arm.arm,
          dashed: true,
          points: ends.map((x) => ({ x, y: mean, name: arm.label })),
        };
      }),
    ],
  };
}

/** The same against what training costs. */
export function costFigure(arms: readonly ReadArm[]): FigureOf<'scatter'> {
  const found = arms.flatMap((arm) => {
    const flops = trainingFlopsOf(arm);
    return flops === null ? [] : [{ arm, flops }];
  });
  const bars = barsText(arms.map((arm) => averages(arm).size));
  return {
    kind: 'scatter',
    id: 'against-cost',
    title: 'Accuracy averaged over sparse rounds against training',
    about: `${sparseWords(arms[0])} Training is all that the last of them builds on, tickets included, counted dense.`,
    x: { label: 'Training', unit: 'flops', scale: 'log' },
    y: TEST_ACCURACY,
    better: 'more',
    ...(bars === undefined ? {} : { bars }),
    series: found.map(({ arm, flops }) => ({
      label: arm.label,
      arm: arm.arm,
      points: [pointOf(flops, [...averages(arm).values()], arm.label)],
    })),
  };
}

export function growthTable(arms: readonly ReadArm[]): FigureOf<'table'> {
  const base = arms.find(({ kind }) => kind === 'imp') ?? arms[0];
  const price = base ? trainingFlopsOf(base) : null;
  return {
    kind: 'table',
    id: 'growth',
    title: 'Accuracy and training by number of particles',
    about: sparseWords(arms[0]),
    columns: [
      { label: 'Arm', unit: null },
      { label: 'Most particles', unit: 'count' },
      { label: 'Test accuracy', unit: 'share' },
      { label: 'Low', unit: 'share' },
      { label: 'High', unit: 'share' },
      { label: 'Seeds', unit: 'count' },
      { label: 'Training', unit: 'flops' },
      { label: `Times ${base?.label ?? ''}`, unit: 'number' },
    ],
    rows: arms.map((arm) => {
      const { mean, low, high, n } = intervalOf([...averages(arm).values()]);
      const flops = trainingFlopsOf(arm);
      const times = flops === null || price === null ? null : flops / price;
      return [arm.label, arm.most, mean, low, high, n, flops, times];
    }),
  };
}

function sparseWords(arm: ReadArm | undefined): string {
  const sparsities = arm?.sparse.map((round) => arm.runs[0]?.rounds[round]?.sparsity ?? 0) ?? [];
  return sparsities.length > 0
    ? `Test accuracy averaged over the ${sparsities.length} rounds from ${percent(Math.min(...sparsities))} sparsity on.`
    : '';
}
