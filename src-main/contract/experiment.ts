import { z } from 'zod';
import { Prunable } from './prunable.ts';
import { Start } from './start.ts';
import { Initialisation, NamedSpec, Recipe, Swa, Ticket } from './recipe.ts';

/**
 * A normalised experiment: every default filled in, as it is stored and shown. What a user writes may leave
 * most of it out; `parseConfig` (experiment/config.ts) reads that, knows the registries behind each `kind`,
 * and gives this.
 */
export const ExperimentConfig = z.strictObject({
  /** Names the experiment; its id starts with it. */
  name: z
    .string()
    .max(60)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
      message: 'must be letters, digits, ".", "_" and "-", starting with a letter or digit',
    }),
  /** A kind of the dataset registry with its options; options that say where files are enter no key. */
  dataset: NamedSpec,
  split: z
    .strictObject({
      /** Share of the training set held out for validation, stratified by class. */
      validation: z.number().min(0).lt(1).default(0.1),
    })
    .prefault({}),
  model: NamedSpec,
  initialisation: Initialisation.prefault({}),
  recipe: Recipe,
  ticket: Ticket,
  /** SWA phase of arms that have one; an arm may override single fields. */
  swa: Swa,
  /** Sparsity of each round: a kind of the schedule registry. */
  sparsity: NamedSpec,
  /** Which weights go first: a kind of the criterion registry. */
  criterion: NamedSpec,
  /** Among which weights scores are compared: a kind of the scope registry. Absent: global. */
  scope: NamedSpec.optional(),
  /** Weights or a mask to start from; absent: the initialisation, and a dense round 0. */
  start: Start.optional(),
  pruneClassifier: z.boolean().default(false),
  /** What else masks may prune; absent: all other kernels. */
  prunable: Prunable.optional(),
  arms: z.array(NamedSpec).min(1),
  seeds: z.array(z.number().int().min(0)).min(1).default([1]),
  /** Intra-op threads of a worker; absent: chosen when the experiment is planned. */
  threads: z.number().int().positive().max(1024).optional(),
  /** Jobs at a time; absent: chosen when the experiment is planned. Changes no result. */
  workers: z.number().int().positive().max(1024).optional(),
  engine: z.enum(['auto', 'cpu', 'cuda', 'wasm']).default('auto'),
});
export type ExperimentConfig = z.infer<typeof ExperimentConfig>;
