import { z } from 'zod';
import type { JobKey } from '../../contract/ids.ts';
import type { Findings } from '../../contract/figures.ts';
import type { AnalysisDefinition, Results } from './analysis.ts';
import { figuresOf, type Calibrated } from './calibration/figures.ts';
import { againstImp, lessThanImp, placeText, predictorsOf } from './networks.ts';

const Options = z.strictObject({
  kind: z.literal('calibration'),
  rounds: z
    .array(z.number().int().min(0))
    .min(1)
    .optional()
    .describe('Rounds that a diagram is drawn of. Left out: the last.'),
  from: z.number().min(0).lt(1).default(0.78).describe('Sparsity from which on differences are averaged.'),
});

/** Reliability diagrams (Guo et al. 2017): how often predictions are right, by how sure they are. */
export const calibration: AnalysisDefinition<z.infer<typeof Options>> = {
  kind: 'calibration',
  title: 'Calibration: accuracy by confidence',
  about: 'Whether networks are right as often as they are sure, against sparsity.',
  schema: Options,
  subjects: { least: 1, most: 200, parts: 'particles' },
  plan(context, { rounds, from }) {
    const predictors = predictorsOf(context, (own) => own);
    const drawn = (round: number, of: readonly number[]): boolean =>
      rounds?.includes(round) ?? round === of.at(-1);
    const asked = predictors.map((predictor) => {
      const { run, round, networks } = predictor;
      const named = context.subjects.some((each) => each.run === run && each.round === round);
      const own = run.rounds.map((each) => each.round);
      if (!named && !drawn(round, own)) return { predictor, bins: null };
      const bins: JobKey = context.add(
        { kind: 'calibration', task: run.task },
        networks.map(({ predictions }) => ({ name: 'predictions', made: predictions })),
        placeText(predictor),
      );
      return { predictor, bins };
    });
    const against = againstImp(context);
    return (results: Results): Findings => {
      const found = asked.map(({ predictor, bins }): Calibrated => {
        const series = bins === null ? null : (results(bins)?.series ?? null);
        const { count = [], correct = [], confidence = [] } = series ?? {};
        return {
          ...predictor,
          test: results(predictor.evaluation)?.evaluation?.test ?? null,
          drawn: bins !== null,
          bins:
            series &&
            count.map((images, bin) => ({
              count: images,
              correct: correct[bin] ?? NaN,
              confidence: confidence[bin] ?? NaN,
            })),
        };
      });
      return {
        figures: figuresOf(found),
        claims: lessThanImp(found, against, {
          ...{ text: 'a lower expected calibration error', unit: 'points', from, orLast: true },
          of: ({ test }: Calibrated) => test?.ece ?? null,
        }),
        notes: [
          'All test images. Confidence is the probability of the most probable class, in 15 equal bins; ECE is the mean distance between accuracy and confidence, weighted by images.',
          'Diagrams of several seeds put all their images together; probabilities of an ensemble’s members are averaged.',
          ...against.notes,
        ],
      };
    };
  },
};
