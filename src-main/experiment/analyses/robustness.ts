import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { JobKey } from '../../contract/ids.ts';
import type { Findings } from '../../contract/figures.ts';
import { corruptions } from '../../datasets/corruptions/registry.ts';
import type { AnalysisContext, AnalysisDefinition, Results, SubjectRun } from './analysis.ts';
import { againstImp, lessThanImp, placeText, predictorsOf, type Predictor } from './networks.ts';
import { figuresOf } from './robustness/figures.ts';
import { measured, type Corrupted } from './robustness/measured.ts';

const Options = z.strictObject({
  kind: z.literal('robustness'),
  rounds: z
    .array(z.number().int().min(0))
    .min(1)
    .optional()
    .describe('Rounds that are looked at. Left out: the first and the last.'),
  corruptions: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Corruptions, for example ["fog","snow"]. Left out: all 15.'),
  severities: z
    .array(z.number().int().min(1).max(5))
    .min(1)
    .default([1, 2, 3, 4, 5])
    .describe('How strong they are, 1 to 5.'),
  images: z
    .number()
    .int()
    .positive()
    .default(1000)
    .describe('Test images: the first so many. As many as there are, or more: all.'),
  from: z.number().min(0).lt(1).default(0.78).describe('Sparsity from which on differences are averaged.'),
});
type Options = z.infer<typeof Options>;

/** Error on the corruptions of CIFAR-10-C (Hendrycks and Dietterich 2019). */
export const robustness: AnalysisDefinition<Options> = {
  kind: 'robustness',
  title: 'Robustness: error on corrupted images',
  about: 'How much worse networks do on noise, blur, weather and compression, against sparsity.',
  schema: Options,
  subjects: { least: 1, most: 200, parts: 'particles' },
  plan(context, options) {
    requireColours(context.runs);
    const kinds = kindsOf(options);
    const severities = [...new Set(options.severities)].sort((a, b) => a - b);
    const predictors = predictorsOf(context, (own) =>
      own.filter((round) => options.rounds?.includes(round) ?? [0, own.at(-1)].includes(round)),
    );
    const clean = new Map(predictors.map((each) => [each, ask(context, each, options, null)]));
    const asked = new Map(predictors.map((each) => [each, new Map<string, JobKey>()]));
    // One corruption after another: a worker makes its images once, for all networks.
    for (const kind of kinds)
      for (const each of predictors)
        asked.get(each)?.set(kind, ask(context, each, options, { kind, severities }));
    const [first] = context.runs;
    const against = againstImp(context);
    return (results: Results): Findings => {
      const found = predictors.map((each) =>
        measured(
          each,
          { clean: clean.get(each) as JobKey, corrupted: asked.get(each) ?? new Map() },
          results,
        ),
      );
      return {
        figures: figuresOf(found, { kinds, severities }),
        claims: lessThanImp(found, against, {
          ...{ text: 'a lower mean corruption error', unit: 'points', from: options.from, orLast: true },
          of: ({ error }: Corrupted) => error,
        }),
        notes: [...(first ? notesOf(first, options, kinds, severities) : []), ...against.notes],
      };
    };
  },
};

/** @throws ConfigError where images have channels that no corruption knows */
function requireColours([run]: readonly SubjectRun[]): void {
  const channels = run?.plan.resolved.dataset.shape[2];
  if (channels === 1 || channels === 3) return;
  throw new ConfigError(
    `robustness: images of ${channels} channels: corruptions are for grey images (1) and those of red, green and blue (3)`,
    'Look at runs on such images; calibration and flatness take any.',
  );
}

function kindsOf({ corruptions: wanted }: Options): string[] {
  const known = [...corruptions.keys()];
  const unknown = wanted?.find((kind) => !known.includes(kind));
  if (unknown !== undefined)
    throw new ConfigError(`corruptions: there is no '${unknown}'`, `Known: ${known.join(', ')}.`);
  return known.filter((kind) => wanted?.includes(kind) ?? true);
}

function ask(
  context: AnalysisContext,
  predictor: Predictor,
  { images }: Options,
  corruption: { kind: string; severities: number[] } | null,
): JobKey {
  const { run, networks } = predictor;
  const { test } = run.plan.resolved.dataset;
  return context.add(
    { kind: 'robustness', task: run.task, corruption, ...(images < test ? { images } : {}) },
    networks.flatMap(({ solution, statistics }) => [
      { name: 'solution', made: solution },
      { name: 'statistics', made: statistics },
    ]),
    `${placeText(predictor)}, ${corruption === null ? 'clean' : corruption.kind.replaceAll('_', ' ')}`,
  );
}

function notesOf(
  { plan, config }: SubjectRun,
  { images }: Options,
  kinds: readonly string[],
  severities: readonly number[],
): string[] {
  const { test } = plan.resolved.dataset;
  const count = Math.min(images, test);
  // CIFAR's images averaged down.
  const reduced = config.dataset.kind.startsWith('cifar') && config.dataset['size'] === 16;
  return [
    `${kinds.length} of the corruptions of CIFAR-10-C (Hendrycks and Dietterich 2019) at severity ${severities.join(', ')}, made here with the published constants for images of 32×32, on ${count === test ? 'all' : 'the first'} ${count.toLocaleString('en-US')} test images${reduced ? ', before they are made smaller' : ''}; all networks see the same images.`,
    'Mean corruption error is the plain mean over corruptions and severities, not divided by that of AlexNet. Batch norm is as estimated on clean training images.',
    ...(kinds.includes('frost')
      ? [
          'Frost is drawn here: CIFAR-10-C mixes in photographs that cannot be part of this program. The shares are the published ones.',
        ]
      : []),
  ];
}
