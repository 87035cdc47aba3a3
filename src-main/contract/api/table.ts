import { z } from 'zod';
import { ExperimentId, RunId } from '../ids.ts';
import { RunState } from '../states.ts';
import type { MethodSchema } from './client.ts';

/** What the table can be sorted by. */
export const SortKey = z.enum([
  'created',
  'experiment',
  'arm',
  'seed',
  'state',
  'dataset',
  'model',
  'rounds',
  'finalSparsity',
  'finalAccuracy',
  'bestAccuracy',
  'bestValidationAccuracy',
  'bestSparsity',
]);
export type SortKey = z.infer<typeof SortKey>;

/** Which runs; what is left out does not filter. */
export const TableFilter = z.strictObject({
  /** Words, each of which is somewhere in the id, name, arm, data set, model, tags or note. */
  search: z.string().max(400).default(''),
  states: z.array(RunState).optional(),
  /** Kinds of arms: `swamp`, `imp`, … */
  kinds: z.array(z.string()).optional(),
  datasets: z.array(z.string()).optional(),
  models: z.array(z.string()).optional(),
  /** Carried by the run or its experiment: all of them. */
  tags: z.array(z.string()).optional(),
  experiment: ExperimentId.optional(),
  /** Only these. */
  runs: z.array(RunId).max(1000).optional(),
  sweep: z.string().optional(),
  trash: z.enum(['without', 'only']).default('without'),
  /** `without`: those whose experiment has the tag `archived` are left out. */
  archived: z.enum(['without', 'only', 'with']).default('without'),
});
export type TableFilter = z.infer<typeof TableFilter>;

/** Mean over the seeds of a row; of one seed its value. */
const Figure = z.object({
  mean: z.number(),
  /** n−1 standard deviation; `null` over one. */
  deviation: z.number().nullable(),
});
export type Figure = z.infer<typeof Figure>;

/** A run, or runs that differ in nothing but the seed. */
export const TableRow = z.object({
  /** Of a run its id; of a group something that stays while the group does. */
  key: z.string(),
  /** Runs in it, by seed; one for a run. */
  runs: z.array(
    z.object({
      run: RunId,
      experiment: ExperimentId,
      seed: z.number(),
      state: RunState,
      /** The run's own. */
      tags: z.array(z.string()),
    }),
  ),
  /** Their experiments, with the labels that are the experiment's own. */
  experiments: z.array(z.object({ experiment: ExperimentId, tags: z.array(z.string()), note: z.string() })),
  /** Of the newest of its runs. */
  experiment: ExperimentId,
  name: z.string(),
  arm: z.string(),
  kind: z.string(),
  /** All arms of its experiment, in the order of its plan: what its colour follows from. */
  arms: z.array(z.object({ arm: z.string(), kind: z.string() })),
  dataset: z.string(),
  model: z.string(),
  /** Of several runs what needs attention first: running, failed, interrupted, … */
  state: RunState,
  /** Milliseconds since 1970, of the newest. */
  created: z.number(),
  rounds: z.number(),
  /** Means over runs, fractions; `null` where no run has one. */
  roundsDone: z.number(),
  finalSparsity: z.number().nullable(),
  finalAccuracy: Figure.nullable(),
  /** Test accuracy of the round that is best on validation. */
  bestAccuracy: Figure.nullable(),
  bestValidationAccuracy: Figure.nullable(),
  bestSparsity: z.number().nullable(),
  bestRound: z.number().nullable(),
  /** Of the runs and of their experiments. */
  tags: z.array(z.string()),
  /** The experiment's, with the run's behind it. */
  note: z.string(),
  sweep: z.string().nullable(),
  origin: ExperimentId.nullable(),
  /** When its experiment went to the trash. */
  removed: z.number().nullable(),
});
export type TableRow = z.infer<typeof TableRow>;

export const tableMethods = {
  /** A page of the run table; filtered, sorted and cut in SQL. */
  'table.rows': {
    input: z.strictObject({
      /** `seeds`: runs that differ in nothing but the seed are one row. */
      group: z.enum(['seeds', 'none']),
      filter: TableFilter.prefault({}),
      sort: z
        .strictObject({ by: SortKey, descending: z.boolean() })
        .default({ by: 'created', descending: true }),
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
    }),
    output: z.object({
      /** Rows that the filter leaves. */
      total: z.number(),
      /** Runs in the library, filtered or not, those in the trash not counted. */
      runs: z.number(),
      rows: z.array(TableRow),
    }),
  },
  /** What there is to filter by, each with its number of runs. */
  'table.facets': {
    input: z.strictObject({
      trash: z.enum(['without', 'only']).default('without'),
      archived: z.enum(['without', 'only', 'with']).default('without'),
    }),
    output: z.object({
      states: z.record(z.string(), z.number()),
      kinds: z.record(z.string(), z.number()),
      datasets: z.record(z.string(), z.number()),
      models: z.record(z.string(), z.number()),
      tags: z.record(z.string(), z.number()),
      trash: z.number(),
      archived: z.number(),
    }),
  },
} as const satisfies Record<string, MethodSchema>;
