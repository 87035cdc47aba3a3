import { z } from 'zod';
import { Along } from './api/files.ts';
import type { Digest, ExperimentId, JobKey } from './ids.ts';
import { JobFailure, JobInput, Provenance } from './job.ts';
import { LogEntry } from './log.ts';

// What is in a run file (docs/run-files.md): a zip archive with a manifest, a document an experiment with its series
// beside it, and objects. It comes from elsewhere: every name that may become part of a path is checked here.

/** Of the form. One that a program does not know is refused, so it grows only where older programs would go wrong. */
export const RUN_FILE_VERSION = 1;
export const RUN_FILE_KIND = 'swamp-run-file';
export const MANIFEST_ENTRY = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const digest = sha256 as unknown as z.ZodType<Digest, string>;
const jobKey = sha256 as unknown as z.ZodType<JobKey, string>;
/** As names of experiments are (experiment.ts), with the digits that an id has behind. */
const experimentId = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/) as unknown as z.ZodType<ExperimentId, string>;
const slug = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/);
const count = z.number().int().min(0);
/** Milliseconds since 1970. */
const time = z.number().int();
const text = z.string().max(2 ** 20);

/** What is known of a file before its version is. */
export const RunFileHead = z.looseObject({ kind: z.literal(RUN_FILE_KIND), version: count, app: z.string() });

export const RunFileManifest = z.object({
  kind: z.literal(RUN_FILE_KIND),
  version: z.literal(RUN_FILE_VERSION),
  /** Version of the app that wrote it. */
  app: z.string(),
  /** ISO time. */
  written: z.string(),
  along: Along,
  experiments: z
    .array(
      z.object({
        id: experimentId,
        name: z.string(),
        runs: z.array(z.object({ id: z.string(), arm: z.string(), seed: z.number().int(), rounds: count })),
      }),
    )
    .min(1),
  /** All entries but the manifest. */
  entries: z.array(z.object({ name: z.string(), bytes: count, sha256 })),
});
export type RunFileManifest = z.infer<typeof RunFileManifest>;

/** `null` where a figure is not finite, as the library keeps it. */
const figure = z.number().nullable();
const metrics = z.object({ accuracy: figure, nll: figure, ece: figure });

const Attempt = z.object({
  worker: z.string(),
  started: time,
  ended: time,
  outcome: z.enum(['done', 'failed', 'stopped', 'crashed', 'interrupted']),
  failure: JobFailure.nullable(),
});

/** What a finished job gave. */
const Result = z.object({
  finished: time,
  evaluation: z.object({ validation: metrics.nullable(), test: metrics }).nullable(),
  seconds: figure,
  sessionSeconds: figure,
  steps: figure,
  provenance: Provenance.partial().nullable(),
  /** Objects, in the file or not. */
  outputs: z.array(z.object({ name: z.string(), digest, bytes: count })),
  /** Names, and numbers of each: float64, one after another in the experiment's `.series` entry. */
  series: z.array(z.object({ name: z.string(), values: count })),
});

export const RunFileJob = z.object({
  key: jobKey,
  /** As it was stored. */
  spec: z.looseObject({ kind: z.string() }),
  inputs: z.array(JobInput),
  created: time,
  state: z.enum(['waiting', 'done', 'failed', 'cancelled']),
  failure: JobFailure.nullable(),
  attempts: z.array(Attempt),
  /** Of one that is done. */
  result: Result.nullable(),
});
export type RunFileJob = z.infer<typeof RunFileJob>;

const RunFileRun = z.object({
  slug,
  arm: z.string(),
  kind: z.string(),
  /** JSON. */
  spec: z.unknown(),
  seed: z.number().int(),
  rounds: count,
  note: text,
  tags: z.array(z.string().min(1)),
  summary: z.object({
    roundsDone: count,
    finalSparsity: figure,
    finalAccuracy: figure,
    finalValidationAccuracy: figure,
    bestValidationAccuracy: figure,
    bestAccuracy: figure,
    bestSparsity: figure,
    bestRound: figure,
  }),
  /** What jobs are to it; `job` counts in the experiment's list. */
  links: z.array(z.object({ job: count, round: count, role: z.string(), index: count })),
});

/** An experiment with its history. */
export const RunFileExperiment = z.object({
  id: experimentId,
  name: experimentId as unknown as z.ZodType<string, string>,
  created: time,
  /** JSON: what was asked for, and what was chosen. */
  config: z.unknown(),
  resolved: z.unknown(),
  wish: z.enum(['run', 'paused', 'stopped', 'cancelled', 'interrupted']),
  note: text,
  tags: z.array(z.string().min(1)),
  origin: experimentId.nullable(),
  sweep: z.string().max(200).nullable(),
  runs: z.array(RunFileRun),
  /** Inputs first. */
  jobs: z.array(RunFileJob),
  log: z.array(LogEntry),
});
export type RunFileExperiment = z.infer<typeof RunFileExperiment>;
