import { z } from 'zod';
import { Comparison } from '../compare.ts';
import { ExperimentConfig } from '../experiment.ts';
import { ExperimentId, JobKey, RunId } from '../ids.ts';
import { JobFailure } from '../job.ts';
import { LogEntry } from '../log.ts';
import { Metrics } from '../metrics.ts';
import { RunState } from '../states.ts';
import type { MethodSchema } from './client.ts';

const JobStateName = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']);

/** What a job is to a run in a round (states.ts). */
export const ShownJob = z.object({
  key: JobKey,
  kind: z.string(),
  role: z.string(),
  /** Particle or member. */
  index: z.number(),
  state: JobStateName,
  attempts: z.number(),
  /** Wall seconds in the worker; `null` unless done. */
  seconds: z.number().nullable(),
  /** T: training iterations of each of its particles; 0 where it trains nothing. */
  iterations: z.number(),
  /** Of an epoch; 0 where it trains nothing. */
  iterationsPerEpoch: z.number(),
  /** Particles that it trains: several where they share a mask; 0 where it trains nothing. */
  particles: z.number(),
  failure: JobFailure.nullable(),
  /** Of jobs that evaluate. */
  test: Metrics.nullable(),
  validation: Metrics.nullable(),
});
export type ShownJob = z.infer<typeof ShownJob>;

export const ShownRound = z.object({
  round: z.number(),
  /** Planned: pruned / prunable. */
  sparsity: z.number(),
  state: JobStateName,
  /** What the arm stands for in the round; `null` until it is evaluated. */
  test: Metrics.nullable(),
  validation: Metrics.nullable(),
  jobs: z.array(ShownJob),
});
export type ShownRound = z.infer<typeof ShownRound>;

export const ShownRun = z.object({
  run: RunId,
  arm: z.string(),
  kind: z.string(),
  seed: z.number(),
  state: RunState,
  tags: z.array(z.string()),
  note: z.string(),
  rounds: z.array(ShownRound),
});
export type ShownRun = z.infer<typeof ShownRun>;

/** An experiment with all that the run page shows of it but series and log. */
export const ShownExperiment = z.object({
  experiment: ExperimentId,
  name: z.string(),
  created: z.number(),
  state: RunState,
  counts: z.record(JobStateName, z.number()),
  tags: z.array(z.string()),
  note: z.string(),
  origin: ExperimentId.nullable(),
  sweep: z.string().nullable(),
  removed: z.number().nullable(),
  config: ExperimentConfig,
  /** What the configuration means, a line a subject. */
  about: z.array(z.object({ label: z.string(), text: z.string() })),
  dataset: z.string(),
  model: z.string(),
  /** What sparsity is a fraction of. */
  denominator: z.object({ words: z.string(), weights: z.number() }),
  /** For example `CPU, 2 × 1 threads`. */
  device: z.string(),
  runs: z.array(ShownRun),
  /** Seconds in which at least one of its jobs was worked on, and in workers; training steps. */
  time: z.object({ wallSeconds: z.number(), workerSeconds: z.number(), steps: z.number() }),
  /** Bytes of its objects, and of those that no other experiment needs. */
  disk: z.object({ bytes: z.number(), own: z.number() }),
});
export type ShownExperiment = z.infer<typeof ShownExperiment>;

/** A job's series, thinned: no more points than asked for, the first, the last and the extremes among them. */
export const ThinSeries = z.object({
  key: JobKey,
  /** `iteration`, or the point's number where the job tells none. */
  x: z.array(z.number()),
  /** By name; `null` where a value is not finite. */
  values: z.record(z.string(), z.array(z.number().nullable())),
  /** Points before thinning. */
  total: z.number(),
});
export type ThinSeries = z.infer<typeof ThinSeries>;

/** What to compare, and how. */
const compared = z.strictObject({
  experiments: z.array(ExperimentId).min(1).max(200),
  /** Only arms that have one of these. */
  runs: z.array(RunId).optional(),
  from: z.number().min(0).max(1).optional(),
  within: z.number().min(0).max(100).optional(),
  /** Label of an arm, or `all`. */
  baseline: z.string().optional(),
  confidence: z.number().optional(),
});

export const detailMethods = {
  'experiments.show': { input: z.strictObject({ experiment: ExperimentId }), output: ShownExperiment },
  /** The same for who asks again and again: of the rounds only those that changed. */
  'experiments.follow': {
    input: z.strictObject({
      experiment: ExperimentId,
      /** Version of the answer before; `null`: all is wanted. */
      since: z.string().max(100).nullable(),
    }),
    output: z.object({
      version: z.string(),
      /** Answer on which this one builds; `null`: it tells all. */
      since: z.string().nullable(),
      experiment: ShownExperiment,
    }),
  },
  /** Training curves. @param names absent: all there are. */
  'experiments.series': {
    input: z.strictObject({
      jobs: z.array(JobKey).min(1).max(64),
      names: z.array(z.string()).optional(),
      points: z.number().int().min(2).max(4000),
    }),
    output: z.object({ series: z.array(ThinSeries) }),
  },
  /** Weights alive in each layer, round by round, as far as they are known. */
  'experiments.layers': {
    input: z.strictObject({ run: RunId }),
    output: z.object({
      /** Prunable tensors in layout order, with their numbers of weights. */
      layers: z.array(z.object({ name: z.string(), weights: z.number() })),
      rounds: z.array(
        z.object({
          round: z.number(),
          sparsity: z.number(),
          alive: z.array(z.number()),
          /** Names of those that nothing is left of; of an ensemble, in any member. */
          collapsed: z.array(z.string()),
        }),
      ),
    }),
  },
  /** The newest entries of its log, oldest of them first. */
  'experiments.log': {
    input: z.strictObject({ experiment: ExperimentId, last: z.number().int().min(1).max(5000) }),
    output: z.object({ entries: z.array(LogEntry), total: z.number() }),
  },
  /** As `swamp compare`. */
  'experiments.compare': { input: compared, output: Comparison },
  /** As `swamp compare --html`: the comparison as one page with charts that needs nothing else. */
  'experiments.report': { input: compared, output: z.object({ html: z.string() }) },
} as const satisfies Record<string, MethodSchema>;
