import { average } from '../averaging/average.ts';
import { snapshotIterations, swaStartIteration } from '../averaging/swa.ts';
import { crashPoint } from '../checkpoint/crash.ts';
import { tensorNamed, type Tensor } from '../checkpoint/tensor.ts';
import type { JobKind, SpecOf, Task } from '../contract/job.ts';
import type { Recipe, Swa } from '../contract/recipe.ts';
import { orderOf, sourceOf, type BatchOrder } from '../datasets/batches.ts';
import { openLoader } from '../datasets/loader.ts';
import { modelLayout } from '../models/registry.ts';
import { scoreWeights } from '../pruning/criteria/registry.ts';
import { applyMask, fullMask, type Mask } from '../pruning/mask.ts';
import { chooseMask } from '../pruning/scopes/registry.ts';
import { calibration } from './calibration.ts';
import { pool, soup } from './combine.ts';
import { assertZeros, keepMask, readMask, readWeights, reestimate } from './common.ts';
import { connectivity } from './connectivity.ts';
import { measure } from './measure.ts';
import { surface } from './surface.ts';
import { hessianEigenvalues, hessianTrace } from './flatness.ts';
import { latency } from './latency.ts';
import { overlap } from './overlap.ts';
import { size } from './size.ts';
import { input, inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { judge, predictSplits } from './judge.ts';
import { statisticsTensors, weightTensors } from './flat.ts';
import { importFile } from './import.ts';
import { initialise } from './initialise.ts';
import { learningRateOf } from './learning-rate/registry.ts';
import { runTraining } from './loop.ts';
import { ensembleProbabilities } from './metrics.ts';
import { robustness } from './robustness.ts';
import { scoresOf } from './scores/registry.ts';
import { trainGroup } from './train-group.ts';
import type { Prepared } from './workspace.ts';

type Handler<Kind extends JobKind> = (
  spec: SpecOf<Kind>,
  context: JobContext,
) => Promise<JobOutput> | JobOutput;

/** What each kind of job does. A member without a handler does not compile. */
const handlers: { readonly [Kind in JobKind]: Handler<Kind> } = {
  import: importFile,
  'train-ticket': trainTicket,
  'train-particle': trainParticle,
  'train-group': trainGroup,
  average: averageSolutions,
  prune,
  score,
  evaluate,
  'evaluate-ensemble': evaluateEnsemble,
  soup,
  pool,
  measure,
  connectivity,
  surface,
  'hessian-trace': hessianTrace,
  'hessian-eigenvalues': hessianEigenvalues,
  overlap,
  size,
  latency,
  robustness,
  calibration,
};

/** Runs one job: pure, spec and inputs in, objects and metrics out. */
export async function runJob(context: JobContext): Promise<JobOutput> {
  const { spec } = context.order;
  // The table's type ties each kind to its own spec; indexing by a union loses the tie.
  return await (handlers[spec.kind] as Handler<JobKind>)(spec, context);
}

async function trainTicket(spec: SpecOf<'train-ticket'>, context: JobContext): Promise<JobOutput> {
  const { task, seed, member, recipe, iterations } = spec;
  const prepared = await context.workspace.prepare(task, context.order.source);
  const mask = readMask(context, prepared.layout);
  const { output, weights } = await train(context, task, prepared, {
    weights: startingWeights(spec, context, prepared.layout),
    mask,
    recipe,
    iterations,
    swa: null,
    place: { phase: 'ticket', seed, member, round: 0, particle: 0 },
  });
  if (mask) assertZeros(weights, mask);
  // The ticket is the weights with the batch-norm statistics they go with.
  const statistics = reestimate(context, task, prepared, weights, recipe.batch);
  const tensors = new Map([
    ...weightTensors(prepared.layout, weights),
    ...statisticsTensors(prepared.description, statistics),
  ]);
  return finishTraining(context, output, tensors);
}

async function trainParticle(spec: SpecOf<'train-particle'>, context: JobContext): Promise<JobOutput> {
  const { task, seed, member, round, particle, recipe, swa } = spec;
  const { order } = context;
  const prepared = await context.workspace.prepare(task, order.source);
  const weights = readWeights(context, prepared.layout, input(order, 'ticket'));
  const mask = readMask(context, prepared.layout);
  if (mask) applyMask(weights, mask);
  const iterations = recipe.epochs * iterationsPerEpoch(prepared, recipe);
  const trained = await train(context, task, prepared, {
    weights,
    mask,
    recipe,
    iterations,
    swa,
    place: { phase: 'round', seed, member, round, particle },
  });
  if (mask) assertZeros(trained.weights, mask);
  return finishTraining(context, trained.output, weightTensors(prepared.layout, trained.weights));
}

/** Where a ticket starts: at weights that are given, or at its member's initialisation. */
function startingWeights(
  { initialisation, seed, member }: SpecOf<'train-ticket'>,
  context: JobContext,
  layout: Prepared['layout'],
): Float32Array {
  const [given] = inputs(context.order, 'start');
  return given === undefined
    ? initialise(layout, initialisation, { seed, member })
    : readWeights(context, layout, given);
}

interface TrainingSpec {
  readonly weights: Float32Array;
  readonly mask: Mask | null;
  readonly recipe: Recipe;
  readonly iterations: number;
  readonly swa: Swa | null;
  readonly place: Pick<BatchOrder, 'phase' | 'seed' | 'member' | 'round' | 'particle'>;
}

async function train(
  context: JobContext,
  task: Task,
  prepared: Prepared,
  { weights, mask, recipe, iterations, swa, place }: TrainingSpec,
): Promise<{ weights: Float32Array; output: JobOutput }> {
  const { dataset, split } = prepared;
  const perEpoch = iterationsPerEpoch(prepared, recipe);
  const span = { iterations, iterationsPerEpoch: perEpoch };
  const trained = await runTraining(
    {
      step: context.workspace.trainingStep(task, prepared, recipe),
      weights,
      mask,
      imagesShape: [recipe.batch, ...dataset.shape],
      iterations,
      iterationsPerEpoch: perEpoch,
      rate: learningRateOf(recipe, swa, span),
      averagingFrom: swa ? swaStartIteration(swa, iterations) : iterations,
      snapshots: new Set(swa ? snapshotIterations({ ...span, swa }) : []),
      batches: (start) =>
        openLoader({
          source: sourceOf(dataset),
          order: orderOf(place, split.train, recipe),
          start,
          end: iterations,
        }),
    },
    context,
  );
  const { series, steps, sessionMs } = trained;
  return { weights: trained.weights, output: { ...NOTHING, series, steps, sessionMs } };
}

function finishTraining(
  context: JobContext,
  output: JobOutput,
  tensors: ReadonlyMap<string, Tensor>,
): JobOutput {
  const { digest } = context.objects.put(tensors);
  return { ...output, outputs: { solution: digest } };
}

function averageSolutions(_spec: SpecOf<'average'>, { order, objects }: JobContext): JobOutput {
  const files = inputs(order, 'solution').map((digest) => objects.read(digest).tensors);
  const [first] = files;
  if (!first) throw new Error('nothing to average');
  const mean = new Map<string, Tensor>();
  for (const [name, { shape }] of first) {
    const data = average(
      files.map((tensors, index) => tensorNamed(tensors, name, 'F32', `solution ${index}`).data),
    );
    mean.set(name, { dtype: 'F32', shape, data });
  }
  crashPoint('average');
  const { digest } = objects.put(mean);
  crashPoint('averaged');
  return { ...NOTHING, outputs: { solution: digest } };
}

function prune(spec: SpecOf<'prune'>, context: JobContext): JobOutput {
  const { model, shape, classes, pruneClassifier, prunable } = spec;
  const layout = modelLayout(model, shape, classes, pruneClassifier, prunable);
  const weights = readWeights(context, layout, input(context.order, 'solution'));
  const mask = readMask(context, layout) ?? fullMask(layout);
  const scores = scoreWeights(spec.criterion, { weights, layout });
  return keepMask(context, layout, chooseMask(spec.scope, { scores, mask, layout, alive: spec.alive }));
}

async function score(spec: SpecOf<'score'>, context: JobContext): Promise<JobOutput> {
  const { task, method, scope, alive } = spec;
  const prepared = await context.workspace.prepare(task, context.order.source);
  const { layout } = prepared;
  const weights = readWeights(context, layout, input(context.order, 'solution'));
  const mask = readMask(context, layout) ?? fullMask(layout);
  applyMask(weights, mask);
  const scores = await scoresOf(method, { weights, mask, spec, prepared, context });
  return keepMask(context, layout, chooseMask(scope, { scores, mask, layout, alive }));
}

async function evaluate(spec: SpecOf<'evaluate'>, context: JobContext): Promise<JobOutput> {
  const { task, batch } = spec;
  const { order, workspace, objects } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { description, layout, network } = prepared;
  const weights = readWeights(context, layout, input(order, 'solution'));
  const step = workspace.predictionStep(task, prepared);
  const before = step.sessionMs + workspace.statisticsStep(task, prepared).sessionMs;
  const statistics = reestimate(context, task, prepared, weights, batch);
  const { validation, test } = predictSplits(step, prepared, weights, statistics);
  const { classes } = network;
  const table = (data: Float32Array): Tensor => ({
    dtype: 'F32',
    shape: [data.length / classes, classes],
    data,
  });
  const predictions = objects.put(
    new Map([
      ['test', table(test)],
      ['validation', table(validation)],
    ]),
  );
  return {
    ...NOTHING,
    outputs: {
      predictions: predictions.digest,
      statistics: objects.put(statisticsTensors(description, statistics)).digest,
    },
    evaluation: judge(prepared, validation, test),
    sessionMs: step.sessionMs + workspace.statisticsStep(task, prepared).sessionMs - before,
  };
}

async function evaluateEnsemble(spec: SpecOf<'evaluate-ensemble'>, context: JobContext): Promise<JobOutput> {
  const { order, objects } = context;
  const prepared = await context.workspace.prepare(spec.task, order.source);
  const members = inputs(order, 'predictions').map((digest) => objects.read(digest).tensors);
  const mean = (name: string): Float32Array =>
    ensembleProbabilities(
      members.map((tensors, index) => tensorNamed(tensors, name, 'F32', `predictions ${index}`).data),
    );
  return { ...NOTHING, evaluation: judge(prepared, mean('validation'), mean('test')) };
}

function iterationsPerEpoch({ split }: Prepared, { batch }: Recipe): number {
  return Math.floor(split.train.length / batch);
}
