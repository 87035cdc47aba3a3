import { snapshotIterations, swaStartIteration } from '../averaging/swa.ts';
import type { SpecOf } from '../contract/job.ts';
import { orderOf, sourceOf } from '../datasets/batches.ts';
import { openLoader } from '../datasets/loader.ts';
import { openRule } from '../pruning/dynamic/registry.ts';
import { aliveCount, fullMask } from '../pruning/mask.ts';
import { streamFor, uniformInt } from '../random/random.ts';
import { input, type JobContext, type JobOutput } from './context.ts';
import { weightTensors } from './flat.ts';
import { runGroup } from './group.ts';
import { assertZeros, keepMask, readMask, readWeights } from './common.ts';
import { learningRateOf } from './learning-rate/registry.ts';

/** Particles that share a mask, which a rule changes while they train. */
export async function trainGroup(spec: SpecOf<'train-group'>, context: JobContext): Promise<JobOutput> {
  const { task, seed, member, round, particles, recipe, swa, scope, alive } = spec;
  const { order, workspace, objects } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { layout, dataset, split } = prepared;
  const mask = readMask(context, layout) ?? fullMask(layout);
  const rule = openRule(spec.rule);
  const iterationsPerEpoch = Math.floor(split.train.length / recipe.batch);
  const span = { iterations: recipe.epochs * iterationsPerEpoch, iterationsPerEpoch };
  const trained = await runGroup(
    {
      ...span,
      step: workspace.trainingStep(task, prepared, recipe, { feedback: rule.feedback }),
      gradients: rule.takesGradient ? workspace.gradientStep(task, prepared, recipe) : null,
      rule,
      layout,
      scope,
      weights: readWeights(context, layout, input(order, 'ticket')),
      mask,
      alive: { start: aliveCount(mask, layout), end: alive },
      particles,
      imagesShape: [recipe.batch, ...dataset.shape],
      rate: learningRateOf(recipe, swa, span),
      averagingFrom: swa ? swaStartIteration(swa, span.iterations) : span.iterations,
      snapshots: new Set(swa ? snapshotIterations({ ...span, swa }) : []),
      batches: (particle, start) =>
        openLoader({
          source: sourceOf(dataset),
          order: orderOf({ phase: 'round', seed, member, round, particle }, split.train, recipe),
          start,
          end: span.iterations,
        }),
      drawFor(iteration) {
        const stream = streamFor({ seed, purpose: 'grow', member, round, epoch: iteration });
        return (range) => uniformInt(stream, range);
      },
    },
    context,
  );
  const made = keepMask(context, layout, trained.mask);
  const solutions = trained.weights.map((weights, particle) => {
    assertZeros(weights, trained.mask);
    return [`solution-${particle}`, objects.put(weightTensors(layout, weights)).digest] as const;
  });
  const { series, steps, sessionMs } = trained;
  return {
    ...made,
    outputs: { ...made.outputs, ...Object.fromEntries(solutions) },
    series: { ...made.series, ...series },
    steps,
    sessionMs,
  };
}
