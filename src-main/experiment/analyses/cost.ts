import { z } from 'zod';
import type { Findings } from '../../contract/figures.ts';
import type { AnalysisDefinition, Results } from './analysis.ts';
import { bytesFigure, costTable, frontFigures, type CostKind } from './cost/figures.ts';
import { measuredRounds, type MeasuredRound } from './cost/measured.ts';
import { planCosts, type CostedArm } from './cost/networks.ts';
import { uniqueIds } from './names.ts';

const Options = z.strictObject({
  kind: z.literal('cost'),
  latency: z
    .enum(['ends', 'all', 'none'])
    .default('ends')
    .describe('Rounds whose predictions are timed: the first and the last looked at, all, or none.'),
  batches: z
    .array(z.number().int().min(1).max(10_000))
    .min(1)
    .max(8)
    .default([1, 500])
    .describe('Images of a timed prediction.'),
  repetitions: z
    .number()
    .int()
    .min(3)
    .max(10_000)
    .default(20)
    .describe('Timings of each batch, of 50 ms or of one prediction; the median counts.'),
  measurement: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('Times are measured once and kept: raise it to measure again.'),
});

/** What arms cost, so that they compare at equal cost (method.md, Analyses). */
export const cost: AnalysisDefinition<z.infer<typeof Options>> = {
  kind: 'cost',
  title: 'Cost: FLOPs, bytes, compressed size and latency, and accuracy against each',
  about: 'What each round takes to train, to store and to run, and which arm is best at equal cost.',
  schema: Options,
  subjects: { least: 1, most: 200 },
  plan(context, { latency, batches, repetitions, measurement }) {
    const timed = [...new Set(batches)].sort((a, b) => a - b);
    const arms = planCosts(context, { latency, batches: timed, repetitions, measurement });
    return (results): Findings => {
      const measured = arms.flatMap((arm) => measuredRounds(arm, timed, results));
      return {
        figures: uniqueIds([
          ...frontFigures([...costKinds, ...(latency === 'none' ? [] : timed.map(latencyKind))], measured),
          ...bytesFigure(measured),
          costTable(measured, latency === 'none' ? [] : timed),
        ]),
        claims: [],
        notes: notesOf(arms, results, { repetitions, timed: latency === 'none' ? [] : timed, measured }),
      };
    };
  },
};

const costKinds: readonly CostKind[] = [
  {
    id: 'inference',
    title: 'inference FLOPs',
    about: 'FLOPs of one image, pruned weights free; ensembles count all of their networks.',
    axis: { label: 'Inference, an image', unit: 'flops', scale: 'log' },
    of: ({ inference }) => inference.sparse,
  },
  {
    id: 'training',
    title: 'training FLOPs',
    about: 'FLOPs of all training that a round builds on, tickets included, counted dense.',
    axis: { label: 'Training', unit: 'flops', scale: 'log' },
    of: ({ training }) => training.dense,
  },
  {
    id: 'training-sparse',
    title: 'training FLOPs, pruned weights free',
    about: 'The same where pruned weights cost nothing, by the masks themselves.',
    axis: { label: 'Training, sparse count', unit: 'flops', scale: 'log' },
    of: ({ training }) => training.sparse,
  },
  {
    id: 'bytes',
    title: 'bytes',
    about: 'Values alive as float32 and a bit a prunable weight; ensembles count all of their networks.',
    axis: { label: 'Values and bitmap', unit: 'bytes', scale: 'log' },
    of: ({ bytes }) => bytes.bitmap,
  },
  {
    id: 'compressed',
    title: 'compressed size',
    about: 'The safetensors that export writes, masks included, compressed by zstd (level 19).',
    axis: { label: 'Compressed file', unit: 'bytes', scale: 'log' },
    of: ({ bytes }) => bytes.zstd,
  },
];

function latencyKind(batch: number): CostKind {
  return {
    id: `latency-${batch}`,
    title: `latency, ${batch === 1 ? 'one image' : `${batch} images`}`,
    about:
      'Median time of a prediction in the rounds that were timed; ensembles run their networks one after another.',
    axis: {
      label: `Prediction of ${batch === 1 ? 'one image' : `${batch} images`}`,
      unit: 'ms',
      scale: 'log',
    },
    of: ({ latencies }) => latencies.find((each) => each.batch === batch)?.median ?? null,
  };
}

function notesOf(
  arms: readonly CostedArm[],
  results: Results,
  {
    repetitions,
    timed,
    measured,
  }: { repetitions: number; timed: readonly number[]; measured: readonly MeasuredRound[] },
): string[] {
  const jobs = arms.flatMap(({ rounds }) => rounds.flatMap((each) => [...each.sizes, ...each.latencies]));
  const pending = new Set(jobs.filter((job) => results(job) === null)).size;
  const machines = new Set(
    arms.flatMap(({ rounds }) =>
      rounds.flatMap(({ latencies }) =>
        latencies.flatMap((job) => {
          const made = results(job)?.provenance;
          return made ? [`${made.host} (${made.device}, TensorFlow ${made.tensorflow})`] : [];
        }),
      ),
    ),
  );
  return [
    'Training counts three passes a step; a multiply-add is two FLOPs. What several runs share counts for each.',
    ...(timed.length > 0
      ? [
          `Times are medians of ${repetitions} timings after a warm-up, each of one prediction or of as many as take 50 ms, measured once${machines.size > 0 ? ` on ${[...machines].join(', ')}` : ''} and kept; other work on the machine lengthens them. Raise \`measurement\` to measure again.`,
          'Kernels are dense on this engine: pruned weights are multiplied like others, and latency does not fall with sparsity. FLOPs and bytes say what an engine for sparse weights could save.',
        ]
      : []),
    ...(pending > 0 ? [`${pending} of ${new Set(jobs).size} jobs are not done yet.`] : []),
    ...(measured.some(({ accuracy }) => accuracy === null)
      ? ['Rounds that are not evaluated yet are left out.']
      : []),
  ];
}
