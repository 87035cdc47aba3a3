import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { JobKey } from '../../contract/ids.ts';
import type { CurvatureSpec } from '../../contract/job.ts';
import type { AnalysisContext, AnalysisDefinition, Results, SubjectRun } from './analysis.ts';
import { claimsOf } from './flatness/claims.ts';
import { figuresOf, notesOf } from './flatness/figures.ts';
import { measured } from './flatness/measured.ts';
import { againstImp, placesOf, type Place } from './networks.ts';

const Options = z.strictObject({
  kind: z.literal('flatness'),
  rounds: z
    .array(z.number().int().min(0))
    .min(1)
    .optional()
    .describe('Rounds that are looked at. Left out: all.'),
  images: z
    .number()
    .int()
    .min(2)
    .multipleOf(2)
    .default(1000)
    .describe('Training images that the loss is taken over: the first of the split, an even number.'),
  probes: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(16)
    .describe('Random vectors for the trace; its error falls with their square root.'),
  eigenvalues: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(3)
    .describe('Largest eigenvalues to find; 0: the trace alone.'),
  tolerance: z
    .number()
    .min(0.0001)
    .max(0.5)
    .default(0.01)
    .describe('Share of itself that the error of an eigenvalue may be.'),
  steps: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(60)
    .describe('Products at most that the search for eigenvalues takes.'),
  batch: z
    .number()
    .int()
    .min(2)
    .multipleOf(2)
    .default(50)
    .describe('Images a step at most, an even number: memory, no result, depends on it.'),
  seed: z.number().int().default(1).describe('Of the random vectors.'),
  from: z.number().min(0).lt(1).default(0.78).describe('Sparsity from which on differences are averaged.'),
});
type Options = z.infer<typeof Options>;

/** What a search may keep in memory: its vectors. */
const MOST_BYTES = 4e9;
const FLOAT_BYTES = 4;

/** Trace and largest eigenvalues of the Hessian, against sparsity (method.md, Analyses). */
export const flatness: AnalysisDefinition<Options> = {
  kind: 'flatness',
  title: 'Flatness: trace and largest eigenvalues of the Hessian',
  about: 'How sharply the training loss bends around a solution: flat ones are said to generalise better.',
  schema: Options,
  subjects: { least: 1, most: 200, parts: 'particles' },
  plan(context, options) {
    const places = placesOf(context, (own) => own.filter((round) => options.rounds?.includes(round) ?? true));
    const planned = places.map((place) => ({ ...place, ...jobsOf(context, place, options) }));
    const against = againstImp(context);
    return (results: Results) => {
      const found = planned.map((look) => measured(look, results));
      return {
        figures: figuresOf(found),
        claims: claimsOf(found, against, options.from),
        notes: [...notesOf(found, options), ...against.notes],
      };
    };
  },
};

function jobsOf(
  context: AnalysisContext,
  { run, round, particle, label }: Place,
  { images, batch, seed, probes, eigenvalues, tolerance, steps }: Options,
): { trace: JobKey; search: JobKey | null } {
  const spec: CurvatureSpec = { task: run.task, images: Math.min(images, evenImages(run)), batch, seed };
  const mask = run.mask(round, particle);
  const inputs = [
    { name: 'solution', made: run.one(round, particle) },
    { name: 'statistics', made: run.statistics(round, particle) },
    ...(mask ? [{ name: 'mask', made: mask }] : []),
  ];
  const what = `${label}, seed ${run.seed}, round ${round}`;
  const bytes = run.plan.layout.total * Math.min(steps, run.plan.layout.total) * FLOAT_BYTES;
  if (eigenvalues > 0 && bytes > MOST_BYTES)
    throw new ConfigError(
      `steps ${steps}: the vectors of a search would take ${(bytes / 1e9).toFixed(0)} GB`,
      `Give at most ${Math.floor(MOST_BYTES / (FLOAT_BYTES * run.plan.layout.total))}, or eigenvalues=0 for the trace alone.`,
    );
  return {
    trace: context.add({ kind: 'hessian-trace', ...spec, probes }, inputs, what),
    search:
      eigenvalues === 0
        ? null
        : context.add(
            { kind: 'hessian-eigenvalues', ...spec, count: eigenvalues, steps, tolerance },
            inputs,
            what,
          ),
  };
}

/** Training images that there are, or one less. */
function evenImages({ plan, task }: SubjectRun): number {
  const training = plan.resolved.splits.get(task.split.seed)?.training ?? 0;
  return training - (training % 2);
}
