import { z } from 'zod';
import type { JobKey } from '../../contract/ids.ts';
import type { Looks } from '../../contract/job.ts';
import type { Made } from '../arms/arm.ts';
import type { AnalysisContext, Results, SubjectRun } from './analysis.ts';

// What analyses have in common that measure loss and error anywhere between solutions.

/** Options that say what is looked at. */
export const looksOptions = (images: { training: number; test: number; statistics: number }) => ({
  trainingImages: z
    .number()
    .int()
    .positive()
    .default(images.training)
    .describe('Training images that loss and error are measured on, the first of the split'),
  testImages: z
    .number()
    .int()
    .positive()
    .default(images.test)
    .describe('Test images that loss and error are measured on, the first'),
  statisticsImages: z
    .number()
    .int()
    .positive()
    .default(images.statistics)
    .describe('Training images that batch norm is re-estimated on at every point'),
});

/** Chosen options of them. */
export type LooksOptions = Record<'trainingImages' | 'testImages' | 'statisticsImages', number>;

/** What is measured at a point. */
export const MEASURED = {
  trainLoss: { id: 'training-loss', title: 'training loss', unit: 'number' },
  trainError: { id: 'training-error', title: 'training error', unit: 'share' },
  testLoss: { id: 'test-loss', title: 'test loss', unit: 'number' },
  testError: { id: 'test-error', title: 'test error', unit: 'share' },
} as const;
export type Measured = keyof typeof MEASURED;

/** A solution that lines and planes go through. */
export interface Solution {
  /** Tells it from the others that are looked at. */
  readonly label: string;
  readonly made: Made;
  /** Whose task says what it is measured on. */
  readonly run: SubjectRun;
}

/** Fields of a job that looks as a run's evaluations do, on so many images. */
export function looksOf(
  run: SubjectRun,
  { trainingImages, testImages, statisticsImages }: LooksOptions,
): Looks {
  return { task: run.task, batch: run.config.recipe.batch, trainingImages, testImages, statisticsImages };
}

/** Asks for loss and error at a solution itself. */
export function measureAt(
  context: AnalysisContext,
  { label, made, run }: Solution,
  of: SubjectRun,
  options: LooksOptions,
): JobKey {
  const what = of === run ? label : `${label}, on what ${of.label} sees`;
  return context.add({ kind: 'measure', ...looksOf(of, options) }, [{ name: 'solution', made }], what);
}

/** The same for each kind of value. */
export function ofEach<T>(of: (name: Measured) => T): Record<Measured, T> {
  return {
    trainLoss: of('trainLoss'),
    trainError: of('trainError'),
    testLoss: of('testLoss'),
    testError: of('testError'),
  };
}

/** Measurements of a job, `null` where the network gave no numbers; `null` in all where it is not done. */
export function measurements(results: Results, key: JobKey): Record<Measured, (number | null)[]> | null {
  const result = results(key);
  if (!result) return null;
  const { series } = result;
  const lost = new Set(series['lost']);
  return ofEach((name) => (series[name] ?? []).map((value, at) => (lost.has(at) ? null : value)));
}

/** As the beginning of a title. */
export const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What was measured on what. */
export function looksText(runs: readonly SubjectRun[], options: LooksOptions): string {
  const [first] = runs;
  if (!first) return '';
  const { plan, task, config } = first;
  const { training } = plan.resolved.splits.get(task.split.seed) ?? { training: Infinity };
  const count = (asked: number, there: number): string => {
    const images = Math.min(asked, there);
    return images === there
      ? `all ${images.toLocaleString('en-US')}`
      : `the first ${images.toLocaleString('en-US')}`;
  };
  const batch = Math.min(config.recipe.batch, options.statisticsImages);
  const estimated = batch * Math.floor(Math.min(options.statisticsImages, training) / batch);
  const splits = new Set(runs.map((run) => run.task.split.digest)).size > 1 ? 'each split' : 'the split';
  return [
    `Loss is mean cross-entropy and error the share of wrong images: on ${count(options.trainingImages, training)} un-augmented training images of ${splits} and ${count(options.testImages, plan.resolved.dataset.test)} test images.`,
    ...(plan.model.statistics.length > 0
      ? [
          `Batch norm is re-estimated at every point, on ${count(estimated, training)} training images in batches of ${batch}.`,
        ]
      : []),
  ].join(' ');
}
