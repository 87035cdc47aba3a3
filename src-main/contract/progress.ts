import { z } from 'zod';
import { ErrorData } from './error-data.ts';
import { ExperimentId, JobKey } from './ids.ts';
import { JobProgress, type JobKind } from './job.ts';
import { Metrics } from './metrics.ts';

/** Which part of an experiment a job belongs to (the first of its runs, where several share it). */
export const Where = z.object({
  arm: z.string(),
  seed: z.number(),
  round: z.number(),
  rounds: z.number(),
  /** Particle or member, where the role has one. */
  index: z.number(),
  /** Particles or members that the run has in the round. Lines of older logs lack it. */
  particles: z.number().optional(),
});
export type Where = z.infer<typeof Where>;

const Kind = z.string() as unknown as z.ZodType<JobKind, JobKind>;

/** How an experiment's run ends: all that was wanted is there, the user's wish, or jobs that failed. */
export const EndState = z.enum(['done', 'failed', 'stopped', 'paused', 'cancelled']);
export type EndState = z.infer<typeof EndState>;

/** What the host tells its clients while an experiment runs. */
export const RunEvent = z.discriminatedUnion('type', [
  /** It waits for others that were asked for before. */
  z.object({ type: z.literal('queued'), ahead: z.number() }),
  z.object({
    type: z.literal('planned'),
    experiment: ExperimentId,
    jobs: z.number(),
    /** Jobs whose result the store already holds. */
    stored: z.number(),
    trainings: z.number(),
    trainingsStored: z.number(),
    device: z.string(),
  }),
  z.object({ type: z.literal('started'), key: JobKey, kind: Kind, where: Where }),
  z.object({ type: z.literal('progress'), progress: JobProgress, where: Where }),
  /**
   * What a running job has reported so far, thinned (curve.ts): told to those who come late, and where a job goes on
   * that ran before.
   */
  z.object({
    type: z.literal('curve'),
    key: JobKey,
    where: Where,
    points: z.array(
      z.object({ iteration: z.number(), loss: z.number().nullable(), accuracy: z.number().nullable() }),
    ),
  }),
  z.object({
    type: z.literal('finished'),
    key: JobKey,
    kind: Kind,
    where: Where,
    seconds: z.number(),
  }),
  /** All of a round's jobs of one run are done. */
  z.object({
    type: z.literal('round'),
    where: Where,
    sparsity: z.number(),
    test: Metrics,
    validation: Metrics.nullable(),
    /** It was stored before this run began. */
    stored: z.boolean().optional(),
  }),
  /** Sent with every `started`, `progress` and `finished`, at most a few times a second. */
  z.object({
    type: z.literal('eta'),
    /** Share of the experiment's work done, 0 to 1. */
    done: z.number(),
    roundSeconds: z.number().nullable(),
    experimentSeconds: z.number().nullable(),
  }),
  /** Something the user should know that stops nothing, for example a layer pruned to nothing. */
  z.object({ type: z.literal('warning'), where: Where, message: z.string() }),
  /** A worker died. Its job is tried again, or a `failed` follows. */
  z.object({ type: z.literal('lost'), key: JobKey, where: Where, reason: z.string(), again: z.boolean() }),
  /** A stored result turned out to be missing or damaged: its job waits again. */
  z.object({ type: z.literal('repaired'), key: JobKey, where: Where, message: z.string() }),
  z.object({
    type: z.literal('failed'),
    key: JobKey,
    where: Where,
    message: z.string(),
    hint: z.string(),
    stack: z.string(),
  }),
  z.object({ type: z.literal('stopping') }),
  z.object({ type: z.literal('ended'), state: EndState }),
  /** Ended by what no other job would escape, for example a full disk; what was running waits. */
  z.object({ type: z.literal('broken'), error: ErrorData }),
]);
export type RunEvent = z.infer<typeof RunEvent>;
