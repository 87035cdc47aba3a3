import { traceOf } from '../../../analysis/hutchinson.ts';
import type { Axis, Figure, FigureOf } from '../../../contract/figures.ts';
import { intervalOf } from '../../../statistics/interval.ts';
import { percent, SPARSITY } from '../axes.ts';
import { barsText, notSparse, pointOf, seedsText } from '../seeds.ts';
import type { Measured } from './measured.ts';

/** What an eigenvalue's bar is. */
const ERROR = 'bound of the error';

type Lines = FigureOf<'lines'>;
type Point = Lines['series'][number]['points'][number];

/** What is drawn of a network: its value, and the ends of its bar where there is one. */
type Bar = (look: Measured) => { y: number; low?: number; high?: number } | null;

export function figuresOf(found: readonly Measured[]): Figure[] {
  const searched = found.filter(({ eigenvalues }) => eigenvalues !== null);
  const several = searched.some(({ eigenvalues }) => (eigenvalues?.values.length ?? 0) > 1);
  return [
    lines(
      found,
      { id: 'trace', title: 'Trace of the Hessian', y: 'Hessian trace', alone: '95 % interval over probes' },
      traceBar,
    ),
    ...(searched.length > 0
      ? [
          lines(
            found,
            {
              ...{ id: 'largest-eigenvalue', title: 'Largest eigenvalue of the Hessian' },
              ...{ y: 'Largest eigenvalue', alone: ERROR },
            },
            largestBar,
          ),
        ]
      : []),
    ...(several ? [spectrum(searched)] : []),
    table(found),
    ...wordsOf(found),
  ];
}

const traceBar: Bar = ({ probes }) => {
  if (!probes) return null;
  const { mean, low, high } = intervalOf(probes);
  return mean === null ? null : { y: mean, ...(low === null || high === null ? {} : { low, high }) };
};

const largestBar: Bar = ({ eigenvalues }) => {
  const [value] = eigenvalues?.values ?? [];
  const [error = 0] = eigenvalues?.errors ?? [];
  return value === undefined ? null : { y: value, low: value - error, high: value + error };
};

/** Against sparsity, a line an arm: of one seed with its own bar, of several their mean and interval. */
function lines(
  found: readonly Measured[],
  { id, title, y, alone }: { id: string; title: string; y: string; alone: string },
  bar: Bar,
): Figure {
  const series = [...Map.groupBy(found, ({ label }) => label)].map(([label, looks]) => ({
    label,
    arm: looks[0]?.arm ?? label,
    ...(looks[0]?.particle === undefined ? {} : { dashed: true }),
    points: pointsOf(looks, bar),
  }));
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) {
    const text = found.some(({ lost }) => lost)
      ? 'None of its values is finite.'
      : 'Nothing is measured yet.';
    return { kind: 'words', id, title, text, hint: 'The table says of which networks.' };
  }
  const counts = seedCounts(found);
  const seeds = Math.max(...counts);
  const axis: Axis = { label: y, unit: 'number', scale: scaleOf(points) };
  return {
    ...{ kind: 'lines', id, title, x: SPARSITY, y: axis },
    about: seeds > 1 ? `Means over ${seedsText(seeds)}.` : 'One seed.',
    bars: barsOf(counts, alone),
    series,
  };
}

/** What bars are: of points of several seeds, and of those of one. */
function barsOf(counts: readonly number[], alone: string): string {
  const several = barsText(counts.filter((count) => count > 1));
  const one = counts.some((count) => count === 1);
  if (several === undefined) return alone;
  return one ? `${several}; of one seed: ${alone}` : several;
}

/** Seeds of each line and round. */
function seedCounts(found: readonly Measured[]): number[] {
  const groups = Map.groupBy(found, ({ label, round }) => `${label} ${round}`);
  return [...groups.values()].map(({ length }) => length);
}

function pointsOf(looks: readonly Measured[], bar: Bar): Point[] {
  return [...Map.groupBy(looks, ({ round }) => round)].flatMap(([round, seeds]): Point[] => {
    const bars = seeds.flatMap((look) => bar(look) ?? []);
    const [only] = bars;
    const [first] = seeds;
    if (!only || !first) return [];
    const name = `round ${round}`;
    if (bars.length === 1) return [{ x: first.sparsity, ...only, name }];
    return [
      pointOf(
        first.sparsity,
        bars.map(({ y }) => y),
        name,
      ),
    ];
  });
}

/** Logarithmic where all there is to draw is positive and spans a factor of ten. */
function scaleOf(points: readonly Point[]): Axis['scale'] {
  const values = points.flatMap(({ y, low }) => [y, low].filter((value) => typeof value === 'number'));
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) > 10 * least ? 'log' : 'linear';
}

/** The largest eigenvalues of the sparsest round of each line. */
function spectrum(searched: readonly Measured[]): Figure {
  const series = [...Map.groupBy(searched, ({ label }) => label)].map(([label, looks]) => {
    const last = Math.max(...looks.map(({ round }) => round));
    const own = looks.filter(({ round }) => round === last);
    const most = Math.max(...own.map(({ eigenvalues }) => eigenvalues?.values.length ?? 0));
    const points = Array.from({ length: most }, (_, at): Point => {
      const values = own.flatMap(({ eigenvalues }) => eigenvalues?.values[at] ?? []);
      const [error = 0] = own.map(({ eigenvalues }) => eigenvalues?.errors[at] ?? 0);
      const name = `${percent(own[0]?.sparsity ?? 0)} pruned`;
      const [value = 0] = values;
      return values.length > 1
        ? pointOf(at + 1, values, name)
        : { x: at + 1, y: value, low: value - error, high: value + error, name };
    });
    return { label, arm: looks[0]?.arm ?? label, points };
  });
  return {
    ...{ kind: 'lines', id: 'eigenvalues', title: 'Largest eigenvalues of the Hessian, by rank' },
    about: 'Of the sparsest round that is looked at.',
    x: { label: 'Rank', unit: 'count', scale: 'linear' },
    y: { label: 'Eigenvalue', unit: 'number', scale: scaleOf(series.flatMap(({ points }) => points)) },
    bars: barsOf(seedCounts(searched), ERROR),
    series,
  };
}

function table(found: readonly Measured[]): Figure {
  const ranks = Math.max(0, ...found.map(({ eigenvalues }) => eigenvalues?.values.length ?? 0));
  const columns: FigureOf<'table'>['columns'] = [
    { label: 'Network', unit: null },
    { label: 'Seed', unit: 'count' },
    { label: 'Round', unit: 'count' },
    { label: 'Sparsity', unit: 'sparsity' },
    { label: 'Weights that move', unit: 'count' },
    { label: 'Trace', unit: 'number' },
    { label: 'Standard error', unit: 'number' },
    ...Array.from({ length: ranks }, (_, at) => ({ label: `λ${at + 1}`, unit: 'number' as const })),
    ...(ranks > 0 ? [{ label: 'Largest error of λ', unit: 'number' as const }] : []),
  ];
  const rows = found.map((look) => {
    const { label, run, round, sparsity, alive, trace, probes, eigenvalues } = look;
    const values = Array.from({ length: ranks }, (_, at) => eigenvalues?.values[at] ?? null);
    return [
      ...[label, run.seed, round, sparsity, alive, trace],
      probes && traceOf(probes).standardError,
      ...values,
      ...(ranks > 0 ? [eigenvalues ? Math.max(0, ...eigenvalues.errors) : null] : []),
    ];
  });
  return { kind: 'table', id: 'networks', title: 'Every network', columns, rows };
}

const namesOf = (looks: readonly Measured[]): string =>
  looks.map(({ label, run, round }) => `${label} seed ${run.seed} round ${round}`).join(', ');

function wordsOf(found: readonly Measured[]): Figure[] {
  const lost = found.filter((look) => look.lost);
  const missing = found.filter((look) => look.missing && !look.lost);
  const words = (id: string, title: string, text: string, hint: string): Figure => ({
    ...{ kind: 'words', id, title, text, hint },
  });
  return [
    ...(lost.length > 0
      ? [
          words(
            'lost',
            'Not finite',
            `A product with the Hessian is not a number of: ${namesOf(lost)}.`,
            'Look at their losses: a training that diverged has no curvature. Train with a smaller learning rate.',
          ),
        ]
      : []),
    ...(missing.length > 0
      ? [
          words(
            'missing',
            'Not measured yet',
            `${missing.length} of ${found.length} networks: ${namesOf(missing)}.`,
            'Resume the analysis.',
          ),
        ]
      : []),
  ];
}

/** What was measured, and what is to be known of it. */
export function notesOf(
  found: readonly Measured[],
  { images, probes, steps, from }: { images: number; probes: number; steps: number; from: number },
): string[] {
  const open = found.filter(({ eigenvalues }) => eigenvalues && !eigenvalues.converged);
  return [
    `Hessian of the mean cross-entropy of at most ${images} un-augmented training images, without weight decay; batch norm’s statistics stand still at their re-estimated values. Pruned weights do not move; all others do: biases, batch norm and what masks may not prune are among them.`,
    `Trace: ${probes} random vectors of signs (Hutchinson), the same for all networks. Eigenvalues: Lanczos; one lies within the error of each.`,
    ...(open.length > 0
      ? [
          `After ${steps} products the eigenvalues of ${namesOf(open)} are not as exact as asked for, and no claim counts them: raise steps.`,
        ]
      : []),
    ...notSparse(
      found.map(({ sparsity }) => sparsity),
      from,
    ),
  ];
}
