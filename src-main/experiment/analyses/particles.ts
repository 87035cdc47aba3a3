import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { ComparedArm, ComparedSeed, Differences, ParticleGains } from '../../contract/compare.ts';
import type { Claim, Figure, FigureOf, Findings } from '../../contract/figures.ts';
import type { Metrics } from '../../contract/metrics.ts';
import { mean } from '../../contract/statistics.ts';
import { isEnsemble } from '../../statistics/arms.ts';
import { bestParticle, particleGains } from '../../statistics/particles.ts';
import type { AnalysisDefinition, SubjectRun } from './analysis.ts';
import { percent, SPARSITY, TEST_ACCURACY } from './axes.ts';
import { comparedArm } from './compared.ts';
import { fileName, uniqueIds } from './names.ts';
import { barsText, byArm, claimOver, notSparse, pointOf, roundsOf } from './seeds.ts';

const Options = z.strictObject({
  kind: z.literal('particles'),
  from: z.number().min(0).lt(1).default(0.78).describe('Sparsity from which on differences are averaged.'),
});

/** What averaging gains: each particle, their average and their ensemble (method.md, Analyses). No jobs of its own. */
export const particles: AnalysisDefinition<z.infer<typeof Options>> = {
  kind: 'particles',
  title: 'Particles, their average and their ensemble against sparsity',
  about:
    'What averaging the weights gains over the particles it is made of, and what the ensemble would add.',
  schema: Options,
  subjects: { least: 1, most: 200 },
  plan(context, { from }) {
    const arms = byArm(context.runs).filter(({ runs }) => runs.some(hasSeveral));
    if (arms.length === 0) {
      const [run] = context.runs;
      throw new ConfigError(
        `${run?.arm} trains once a round: there are no particles to compare`,
        'Name runs of swamp with two particles or more, or of an ensemble.',
      );
    }
    return (results): Findings => {
      const compared = arms.map((arm) => comparedArm(arm, (run) => roundsOf(context, run), results));
      const found = compared.map((arm) => ({ arm, gains: particleGains(arm, { from, confidence: 0.95 }) }));
      return {
        figures: uniqueIds(
          found.flatMap(({ arm, gains }) => [linesOf(arm), ...(gains ? [gainsOf(arm, gains)] : [])]),
        ),
        claims: found.flatMap(({ arm, gains }) => (gains ? claimsOf(arm, gains) : [])),
        notes: [
          'The best particle or member is chosen on validation; the test set has no say.',
          ...arms.flatMap(({ label, runs }) => {
            const sparsities = runs.flatMap((run) =>
              roundsOf(context, run).map((round) => run.rounds[round]?.sparsity ?? 0),
            );
            return notSparse(sparsities, from, label);
          }),
          ...compared.flatMap((arm, at) => missingNote(arm, arms[at]?.runs.length ?? 0)),
        ],
      };
    };
  },
};

function hasSeveral(run: SubjectRun): boolean {
  return run.rounds.some(({ round }) => run.evaluations(round).length > 1);
}

const unitOf = (arm: Pick<ComparedArm, 'kind'>): string => (isEnsemble(arm) ? 'member' : 'particle');

/** Test accuracy of all of them, means over the seeds that have them. */
function linesOf(arm: ComparedArm): Figure {
  const named = {
    id: `particles-${fileName(arm.arm)}`,
    title: `${arm.arm}: ${unitOf(arm)}s and what they make`,
  };
  if (arm.rounds.length === 0)
    return {
      kind: 'words',
      ...named,
      text: 'None of its rounds is evaluated yet.',
      hint: 'Finish the experiment with `swamp resume`.',
    };
  const most = Math.max(...arm.rounds.flatMap(({ seeds }) => seeds.map(({ particles }) => particles.length)));
  const line = (label: string, of: (seed: ComparedSeed) => Metrics | null, look: object = {}) => {
    const points = arm.rounds.flatMap(({ round, sparsity, seeds }) => {
      const values = seeds.flatMap((seed) => of(seed)?.accuracy ?? []);
      return values.length > 0 ? [{ values, sparsity, round }] : [];
    });
    return {
      label,
      ...look,
      points: points.map(({ values, sparsity, round }) => pointOf(sparsity, values, `round ${round}`)),
    };
  };
  const several = (of: (seed: ComparedSeed) => Metrics | null) => (seed: ComparedSeed) =>
    seed.particles.length > 1 ? of(seed) : null;
  const unit = unitOf(arm);
  const series = [
    line(isEnsemble(arm) ? 'ensemble' : 'average', ({ test }) => test, { arm: labelOf(arm) }),
    ...(isEnsemble(arm) ? [] : [line('ensemble', ({ ensemble }) => ensemble?.test ?? null)]),
    line(
      `best ${unit} (on validation)`,
      several((seed) => bestParticle(seed)?.test ?? null),
    ),
    line(
      `mean ${unit}`,
      several(({ particles }) => meanAccuracy(particles)),
    ),
    ...Array.from({ length: most }, (_, at) => ({
      ...line(
        `${unit} ${at}`,
        several(({ particles }) => particles[at]?.test ?? null),
        { dashed: true },
      ),
    })).map((own) => ({ ...own, points: own.points.map(({ low: _low, high: _high, ...point }) => point) })),
  ].filter(({ points }) => points.length > 0);
  const bars = barsText(arm.rounds.map(({ seeds }) => seeds.length));
  return {
    kind: 'lines',
    ...named,
    about: `Test accuracy; ${seedsWords(arm)}. Each ${unit} by itself is dashed.`,
    x: SPARSITY,
    y: TEST_ACCURACY,
    ...(bars === undefined ? {} : { bars }),
    series,
  };
}

function meanAccuracy(of: ComparedSeed['particles']): Metrics {
  const over = (metric: keyof Metrics): number => mean(of.map(({ test }) => test[metric]));
  return { accuracy: over('accuracy'), nll: over('nll'), ece: over('ece') };
}

function labelOf({ label, arm }: ComparedArm): string {
  return label ?? arm;
}

function seedsWords(arm: ComparedArm): string {
  const counts = arm.rounds.map(({ seeds }) => seeds.length);
  const most = Math.max(...counts);
  return most === 1 ? 'one seed' : `means over ${most} seeds`;
}

/** What is gained, by round. */
function gainsOf(arm: ComparedArm, gains: ParticleGains): FigureOf<'lines'> {
  const unit = unitOf(arm);
  const whole = isEnsemble(arm) ? 'ensemble' : 'average';
  const line = (label: string, differences: Differences | null) =>
    differences === null || differences.rounds.length === 0
      ? []
      : [
          {
            label,
            points: differences.rounds.map(({ sparsity, round, seeds }) =>
              pointOf(
                sparsity,
                seeds.map(({ test }) => test.accuracy),
                `round ${round}`,
              ),
            ),
          },
        ];
  const all = [gains.overMean, gains.overBest, gains.ensembleOver].flatMap((each) => each?.rounds ?? []);
  const bars = barsText(all.map(({ seeds }) => seeds.length));
  return {
    kind: 'lines',
    id: `gains-${fileName(arm.arm)}`,
    title: `${arm.arm}: what the ${whole} gains`,
    about: 'Differences of test accuracy, paired by seed.',
    x: SPARSITY,
    y: { label: 'Difference of test accuracy', unit: 'points', scale: 'linear' },
    ...(bars === undefined ? {} : { bars }),
    series: [
      ...line(`${whole} − mean ${unit}`, gains.overMean),
      ...line(`${whole} − best ${unit}`, gains.overBest),
      ...line('ensemble − average', gains.ensembleOver),
    ],
  };
}

function claimsOf(arm: ComparedArm, gains: ParticleGains): Claim[] {
  const unit = unitOf(arm);
  const whole = isEnsemble(arm) ? 'the ensemble' : 'the average';
  const claim = (text: string, { average }: Differences): Claim[] => {
    if (average === null) return [];
    const values = average.seeds.map(({ test }) => test.accuracy);
    return [claimOver(`${arm.arm}: ${text} from ${percent(average.from)} sparsity on`, 'points', values)];
  };
  return [
    ...claim(`${whole} is better than the mean ${unit}`, gains.overMean),
    ...(gains.overBest ? claim(`${whole} is better than the best ${unit}`, gains.overBest) : []),
    ...(gains.ensembleOver ? claim('the ensemble is better than the average', gains.ensembleOver) : []),
  ];
}

/** Rounds that not all seeds have finished. */
function missingNote(arm: ComparedArm, runs: number): string[] {
  const short = arm.rounds.filter(({ seeds }) => seeds.length < runs).map(({ round }) => round);
  return short.length > 0
    ? [`${arm.arm}: not all of ${runs} seeds have finished round ${short.join(', ')}.`]
    : [];
}
