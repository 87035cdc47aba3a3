import { z } from 'zod';
import { PlanEstimate } from '../estimate.ts';
import { ExperimentConfig } from '../experiment.ts';
import { ExperimentId } from '../ids.ts';
import { NamedSpec, Recipe, Swa, Ticket } from '../recipe.ts';
import { Survey } from '../survey.ts';
import type { MethodSchema } from './client.ts';

/** JSON Schema (draft 2020-12) of what a user writes: defaults, ranges, choices. */
const JsonSchema = z.record(z.string(), z.unknown());

/** An entry of a registry, for a form. */
export const CatalogEntry = z.object({
  kind: z.string(),
  title: z.string(),
  /** Of its options; `kind` is among them. */
  schema: JsonSchema,
  /** Options that say where files are. */
  location: z.array(z.string()).optional(),
});
export type CatalogEntry = z.infer<typeof CatalogEntry>;

export const Catalog = z.object({
  datasets: z.array(CatalogEntry),
  /** With the recipe, ticket and SWA phase that the field uses for it. */
  models: z.array(CatalogEntry.extend({ defaults: z.object({ recipe: Recipe, ticket: Ticket, swa: Swa }) })),
  arms: z.array(CatalogEntry),
  sparsities: z.array(CatalogEntry),
  criteria: z.array(CatalogEntry),
  scopes: z.array(CatalogEntry),
  learningRates: z.array(CatalogEntry),
  /** Of a whole experiment, with what is chosen from a registry left open. */
  experiment: JsonSchema,
  presets: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      notes: z.string(),
      config: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type Catalog = z.infer<typeof Catalog>;

/** What is to become of a configuration as somebody wrote it. */
export const PlanMode = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('new') }),
  /** Another experiment, made from this one. */
  z.strictObject({ kind: z.literal('fork'), from: ExperimentId }),
  /** More in this one. */
  z.strictObject({ kind: z.literal('extend'), experiment: ExperimentId }),
]);
export type PlanMode = z.infer<typeof PlanMode>;

const Draft = z.strictObject({
  /** As in an experiment file; may be half-typed. */
  raw: z.unknown(),
  mode: PlanMode.default({ kind: 'new' }),
});

/** One thing wrong, beside the field it is about. */
export const DraftProblem = z.object({
  /** For example `['arms', 1, 'particles']`; empty: of the whole. */
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  /** What to do, where it is known. */
  hint: z.string(),
});
export type DraftProblem = z.infer<typeof DraftProblem>;

/** What a draft says, as far as it can be said without data or an engine. */
export const DraftReading = z.object({
  problems: z.array(DraftProblem),
  /** The normalised configuration; `null` where there is a problem, or it is a sweep of several. */
  config: ExperimentConfig.nullable(),
  /** Experiments that it stands for: more than one where it holds lists. */
  variants: z.array(z.object({ name: z.string(), choices: z.record(z.string(), z.unknown()) })),
  about: z.array(z.object({ label: z.string(), text: z.string() })),
  /** Labels of the arms, and their particles or members by round. */
  arms: z.array(
    z.object({
      /** Its place in the draft: arms that cannot be read are left out. */
      index: z.number(),
      kind: z.string(),
      label: z.string(),
      trainings: z.array(z.number()),
    }),
  ),
  /** Sparsity of each round, as exact as it can be without the data: by fractions. */
  rounds: z.array(z.object({ round: z.number(), sparsity: z.number() })),
  /** Of a fork or an extension: settings that differ. */
  changes: z.array(z.object({ path: z.string(), before: z.string(), after: z.string() })),
});
export type DraftReading = z.infer<typeof DraftReading>;

export const PlanCost = z.object({
  problems: z.array(DraftProblem),
  /**
   * What runs and what it costs, of a sweep in all; `seconds` are `null` until a step was timed. `null` where there is a
   * problem.
   */
  estimate: PlanEstimate.nullable(),
  /** Of a sweep: of each. Else one. */
  experiments: z.array(z.object({ name: z.string(), estimate: PlanEstimate })),
  /**
   * Particles or members of each arm by round, as they are planned: with the scope and the mask, which a reading does not
   * know. Of a sweep those of the first.
   */
  arms: z.array(z.object({ label: z.string(), trainings: z.array(z.number()) })),
  data: z
    .object({
      title: z.string(),
      digest: z.string(),
      shape: z.array(z.number()),
      classes: z.number(),
      training: z.number(),
      validation: z.number(),
      test: z.number(),
    })
    .nullable(),
  denominator: z.object({ words: z.string(), weights: z.number() }).nullable(),
  /** For example `CPU, 2 × 1 threads`. */
  device: z.string(),
  /** What was done to files that are started from. */
  notes: z.array(z.string()),
  /** Free bytes where the library is. */
  diskFree: z.number(),
  /** Whether an engine is ready: without one nothing can be timed, and a start prepares it first. */
  engineReady: z.boolean(),
});
export type PlanCost = z.infer<typeof PlanCost>;

/** Configurations before they are experiments. */
export const planMethods = {
  /** Everything that can be chosen, from the registries. */
  'plans.catalog': { input: z.strictObject({}), output: Catalog },
  /** Reads a draft. Quick: for every key stroke. Never refuses: problems are part of the answer. */
  'plans.read': { input: Draft, output: DraftReading },
  /** Plans a draft: reads its data (kept afterwards), counts what is stored. @param time times a step where none is known. */
  'plans.cost': { input: Draft.extend({ time: z.boolean().default(false) }), output: PlanCost },
  /** Plans it, stores it and puts it at the end of the queue. */
  'plans.start': {
    input: Draft,
    output: z.object({ experiments: z.array(ExperimentId), sweep: z.string().nullable() }),
  },
  /** A draft as an experiment file; and the other way round. */
  'plans.write': {
    input: z.strictObject({
      raw: z.unknown(),
      file: z.string().min(1),
      /** Replace a file that is there. */
      replace: z.boolean().default(false),
    }),
    output: z.object({ file: z.string() }),
  },
  'plans.open': {
    input: z.strictObject({ file: z.string() }),
    output: z.object({ raw: z.unknown(), file: z.string() }),
  },
  /** The `raw` of a stored experiment, to change. */
  'plans.of': { input: z.strictObject({ experiment: ExperimentId }), output: z.object({ raw: z.unknown() }) },
  /** What there is in a data set, and some of its images. */
  'plans.survey': {
    input: z.strictObject({
      dataset: NamedSpec,
      validation: z.number().min(0).lt(1).default(0.1),
      seed: z.number().int().default(1),
    }),
    output: z.object({
      survey: Survey,
      /** Contact sheet: PNG in base64. */
      sheet: z.string(),
    }),
  },
} as const satisfies Record<string, MethodSchema>;
