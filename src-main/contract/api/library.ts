import { z } from 'zod';
import { Digest, ExperimentId, JobKey, RunId } from '../ids.ts';
import { settingNames, type SettingName } from '../settings.ts';
import type { MethodSchema } from './client.ts';

const several = z.strictObject({ experiments: z.array(ExperimentId).min(1) });
/** An experiment or a run. */
const labelled = z.union([ExperimentId, RunId]);
const tags = z.array(z.string()).min(1);

/** Files that were deleted. */
export const Freed = z.object({ files: z.number(), bytes: z.number() });
export type Freed = z.infer<typeof Freed>;

/** What a clean-up freed, or would free. */
export const Collected = z.object({
  /** Removed for good. */
  experiments: z.array(ExperimentId),
  freed: z.object({
    /** Objects that no row needs. */
    results: Freed,
    /** Objects that retention does not keep. */
    retention: Freed,
    /** Checkpoints of jobs that are done or gone. */
    checkpoints: Freed,
    /** What crashes left half-written. */
    temporary: Freed,
    /** Reports on the experiments that were removed, a folder each, and their logs. */
    reports: Freed,
  }),
  /** All of it. */
  bytes: z.number(),
});
export type Collected = z.infer<typeof Collected>;

/** What keeps a library in order. */
export const libraryMethods = {
  /** All tags or none. @returns those it has then. */
  'library.tag': {
    input: z.strictObject({ id: labelled, tags }),
    output: z.object({ tags: z.array(z.string()) }),
  },
  /** All must be there. @returns those it has then. */
  'library.untag': {
    input: z.strictObject({ id: labelled, tags }),
    output: z.object({ tags: z.array(z.string()) }),
  },
  /** Sets the note; an empty text removes it. */
  'library.note': { input: z.strictObject({ id: labelled, note: z.string() }), output: z.object({}) },
  /** Moves experiments to the trash, all or none. @returns bytes that removing them for good would free. */
  'library.trash': { input: several, output: z.object({ bytes: z.number() }) },
  /** Takes experiments out of the trash. */
  'library.restore': { input: several, output: z.object({}) },
  /** Removes experiments for good. */
  'library.remove': { input: several, output: Collected },
  /** Frees disk space. @param trashDays days in the trash that are enough; absent: the setting. */
  'library.collect': {
    input: z.strictObject({ trashDays: z.number().min(0).optional(), dryRun: z.boolean() }),
    output: Collected,
  },
  /** Disk use and settings. */
  'library.usage': {
    input: z.strictObject({}),
    output: z.object({
      folder: z.string(),
      /** Bytes, by what they are: results, checkpoints, logs, … */
      parts: z.array(z.object({ what: z.string(), bytes: z.number() })),
      free: z.number(),
      /** In the trash, and what emptying it would free. */
      trash: z.object({ experiments: z.number(), bytes: z.number() }),
      experiments: z.array(z.object({ experiment: ExperimentId, bytes: z.number(), own: z.number() })),
    }),
  },
  'library.settings': {
    input: z.strictObject({}),
    output: z.object({
      settings: z.array(
        z.object({
          name: z.string(),
          value: z.union([z.string(), z.number()]),
          default: z.union([z.string(), z.number()]),
          description: z.string(),
          /** Of one that takes one of these; `null`: a number. */
          choices: z.array(z.string()).nullable(),
        }),
      ),
    }),
  },
  /** Looks at every object and row. Tells of itself in a task. */
  'library.check': {
    input: z.strictObject({ fix: z.boolean().default(false) }),
    output: z.object({
      sound: z.boolean(),
      problems: z.array(z.string()),
      /** Objects and checkpoints that are not sound, and jobs that wait again where they were mended. */
      damaged: z.number(),
      mended: z.number(),
      /** Those whose jobs wait again, to be resumed. */
      experiments: z.array(ExperimentId),
    }),
  },
  /** Sets a setting to a value that its schema has read; `null` goes back to the default. */
  'library.set': {
    input: z.strictObject({
      name: z.enum(settingNames as [SettingName, ...SettingName[]]),
      value: z.union([z.string(), z.number(), z.null()]),
    }),
    output: z.object({}),
  },
  /**
   * Of these objects and checkpoints, deletes those that are not sound; the jobs that made the objects wait again.
   * @returns the jobs, and the experiments that have them.
   */
  'library.mend': {
    input: z.strictObject({ objects: z.array(Digest), checkpoints: z.array(JobKey) }),
    output: z.object({ jobs: z.array(JobKey), experiments: z.array(ExperimentId) }),
  },
} as const satisfies Record<string, MethodSchema>;
