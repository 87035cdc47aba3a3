import { z } from 'zod';
import { ExperimentId, RunId } from '../ids.ts';
import { Evaluation } from '../metrics.ts';
import { AskedData, AskedNetwork, NetworkUse, WrittenPredictions } from '../use.ts';
import type { MethodSchema } from './client.ts';

/**
 * What the library has of an experiment in a run file. `new`: nothing. `same`: all of it. `grown`: less; what is new is
 * taken in. `older`: more; nothing is taken. `other`: another of this id, so it gets a new one.
 */
export const KnownAs = z.enum(['new', 'same', 'grown', 'older', 'other']);
export type KnownAs = z.infer<typeof KnownAs>;

/** What a run file holds, told without taking anything of it in. */
export const RunFileContents = z.object({
  file: z.string(),
  bytes: z.number(),
  /** Version of its form, and of the app that wrote it. */
  version: z.number(),
  app: z.string(),
  /** ISO time. */
  written: z.string(),
  experiments: z.array(
    z.object({
      experiment: ExperimentId,
      name: z.string(),
      /** Arm and seed of each run. */
      runs: z.array(z.object({ run: RunId, arm: z.string(), seed: z.number(), rounds: z.number() })),
      known: KnownAs,
    }),
  ),
  /** Checkpoints in it. */
  objects: z.object({ files: z.number(), bytes: z.number() }),
});
export type RunFileContents = z.infer<typeof RunFileContents>;

/** Which checkpoints go along: none; masks and θ of the rounds; all that the library holds. */
export const Along = z.enum(['none', 'networks', 'all']);
export type Along = z.infer<typeof Along>;

/** Files that come in and go out. Paths are of the host's machine; those that are not absolute are below `exports/` of the library. */
export const fileMethods = {
  'files.formats': {
    input: z.strictObject({}),
    output: z.object({
      formats: z.array(z.object({ kind: z.string(), title: z.string(), extension: z.string() })),
      /** Extensions of files with predictions. */
      predictions: z.array(z.string()),
      /** How tensors of files from elsewhere may be named. */
      namings: z.array(z.object({ kind: z.string(), title: z.string() })),
      /** Where files go for which no folder is named. */
      folder: z.string(),
    }),
  },
  /** Exports a network, opens the file again and evaluates it. Tells of itself in a task. */
  'files.export': {
    input: z.strictObject({
      run: RunId,
      round: z.number().int().min(0).optional(),
      /** The sparsest round within so many points of dense, chosen on validation. */
      within: z.number().min(0).max(100).optional(),
      member: z.number().int().min(0).optional(),
      format: z.string(),
      out: z.string().min(1),
      /** Replace a file that is there. */
      replace: z.boolean().default(false),
    }),
    output: z.object({
      run: RunId,
      round: z.number(),
      file: z.string(),
      card: z.string(),
      /** Text of the model card. */
      cardText: z.string(),
      bytes: z.number(),
      sha256: z.string(),
      sparsity: z.number(),
      zeros: z.number(),
      evaluation: Evaluation,
    }),
  },
  /** Runs a network on a data set, as `swamp evaluate`. Tells of itself in a task. */
  'files.evaluate': {
    input: z.strictObject({ network: AskedNetwork, images: AskedData }),
    output: NetworkUse,
  },
  /** Writes what a network says about images, with or without labels, as `swamp predict`. Tells of itself in a task. */
  'files.predict': {
    input: z.strictObject({
      network: AskedNetwork,
      images: AskedData,
      /** .csv, .npz or .json. */
      out: z.string().min(1),
      replace: z.boolean().default(false),
      /** Only so many most probable classes of each image. */
      top: z.number().int().min(1).optional(),
    }),
    output: z.object({ used: NetworkUse, written: WrittenPredictions }),
  },
  /** Writes a run file. Tells of itself in a task. */
  'files.pack': {
    input: z.strictObject({
      experiments: z.array(ExperimentId).min(1),
      along: Along.default('networks'),
      out: z.string().min(1),
      replace: z.boolean().default(false),
    }),
    output: z.object({ file: z.string(), bytes: z.number(), experiments: z.number(), objects: z.number() }),
  },
  /** @throws DataError where it is damaged, foreign or of a newer version. */
  'files.look': { input: z.strictObject({ file: z.string().min(1) }), output: RunFileContents },
  /** Takes the experiments of a run file into the library; what is there already stays. Tells of itself in a task. */
  'files.import': {
    input: z.strictObject({ file: z.string().min(1) }),
    output: z.object({
      /** Those of the file, by their ids in this library. */
      experiments: z.array(ExperimentId),
      /** Those of them that are new. */
      added: z.array(ExperimentId),
      /** Those of them that were there and are now further on. */
      grown: z.array(ExperimentId),
    }),
  },
  /** What a path that is being typed may become. */
  'files.complete': {
    input: z.strictObject({ text: z.string(), folders: z.boolean().default(false) }),
    output: z.object({
      entries: z.array(z.object({ path: z.string(), folder: z.boolean() })),
      /** Whether the text names something that is there. */
      exists: z.boolean(),
    }),
  },
  /** Writes text or bytes that the window made (a table, a picture) to a path that the user chose. */
  'files.save': {
    input: z.strictObject({
      out: z.string().min(1),
      text: z.string().optional(),
      /** Base64. */
      bytes: z.string().optional(),
      replace: z.boolean().default(false),
    }),
    output: z.object({ file: z.string() }),
  },
} as const satisfies Record<string, MethodSchema>;
