import type { Figure, TableRow } from '../contract/api/table.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { RunState } from '../contract/states.ts';
import { deviation, mean } from '../contract/statistics.ts';

/** States of runs, what needs attention first. */
export const STATES_BY_NEED: readonly RunState[] = [
  'running',
  'failed',
  'interrupted',
  'waiting',
  'paused',
  'stopped',
  'cancelled',
  'done',
];

/** A run as the table's query gives it. */
export interface TableRecord {
  readonly id: RunId;
  readonly grp: string;
  readonly seed: number;
  readonly arm: string;
  readonly kind: string;
  readonly rounds: number;
  readonly rounds_done: number;
  readonly final_sparsity: number | null;
  readonly final_accuracy: number | null;
  readonly best_accuracy: number | null;
  readonly best_validation_accuracy: number | null;
  readonly best_sparsity: number | null;
  readonly best_round: number | null;
  readonly own_note: string;
  readonly experiment: ExperimentId;
  readonly name: string;
  readonly created: number;
  readonly note: string;
  readonly sweep: string | null;
  readonly origin: ExperimentId | null;
  readonly removed: number | null;
  readonly state: RunState;
  readonly dataset: string;
  readonly model: string;
  /** Greater in newer ones. */
  readonly newest: number;
  /** The experiment's, in JSON. */
  readonly tags: string;
  /** The run's. */
  readonly own_tags: string;
  /** All of the experiment, in JSON. */
  readonly arms: string;
}

type Records = readonly [TableRecord, ...TableRecord[]];

/** A row of a run, or of runs that differ in nothing but the seed. @param records by seed */
export function rowOf(key: string, records: Records): TableRow {
  const newest = records.reduce((one, other) => (other.newest > one.newest ? other : one));
  const seeds = oneOfEachSeed(records);
  const values = (of: (record: TableRecord) => number | null): number[] =>
    seeds.flatMap((each) => of(each) ?? []);
  const average = (of: (record: TableRecord) => number | null): number | null => meanOf(values(of));
  const { experiment, name, arm, kind, dataset, model, created, sweep, origin, removed } = newest;
  return {
    key,
    runs: records.map((each) => ({
      run: each.id,
      experiment: each.experiment,
      seed: each.seed,
      state: each.state,
      tags: tagsIn(each.own_tags),
    })),
    experiments: experimentsOf(records),
    experiment,
    name,
    arm,
    kind,
    arms: JSON.parse(newest.arms) as TableRow['arms'],
    dataset,
    model,
    state: STATES_BY_NEED.find((state) => records.some((each) => each.state === state)) ?? newest.state,
    created,
    rounds: newest.rounds,
    roundsDone: average((each) => each.rounds_done) ?? 0,
    finalSparsity: average((each) => each.final_sparsity),
    finalAccuracy: figureOf(values((each) => each.final_accuracy)),
    bestAccuracy: figureOf(values((each) => each.best_accuracy)),
    bestValidationAccuracy: figureOf(values((each) => each.best_validation_accuracy)),
    bestSparsity: average((each) => each.best_sparsity),
    bestRound: average((each) => each.best_round),
    tags: [...new Set(records.flatMap((each) => [...tagsIn(each.tags), ...tagsIn(each.own_tags)]))].sort(),
    note: notesOf(records),
    sweep,
    origin,
    removed,
  };
}

/** A seed may stand in a group several times, as the same work in two experiments: the run that has got furthest counts. */
function oneOfEachSeed(records: Records): TableRecord[] {
  const seeds = new Map<number, TableRecord>();
  for (const record of records) {
    const other = seeds.get(record.seed);
    const further =
      other === undefined ? 1 : record.rounds_done - other.rounds_done || record.newest - other.newest;
    if (further > 0) seeds.set(record.seed, record);
  }
  return [...seeds.values()];
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : mean(values);
}

function figureOf(values: readonly number[]): Figure | null {
  if (values.length === 0) return null;
  return { mean: mean(values), deviation: values.length > 1 ? deviation(values) : null };
}

/** Each experiment once, in the order of its first run. */
function experimentsOf(records: Records): TableRow['experiments'] {
  const byId = new Map(records.map((record) => [record.experiment, record]));
  return [...byId.values()].map(({ experiment, tags, note }) => ({ experiment, tags: tagsIn(tags), note }));
}

function tagsIn(json: string): string[] {
  return (JSON.parse(json) as string[]).sort();
}

/** The experiments' notes, with the runs' behind them. */
function notesOf(records: Records): string {
  const notes = [...records.map(({ note }) => note), ...records.map(({ own_note: own }) => own)];
  return [...new Set(notes.filter((note) => note !== ''))].join('\n');
}
