import type { ExperimentId } from '../contract/ids.ts';
import type { Metrics } from '../contract/metrics.ts';
import type { RunState } from '../contract/states.ts';
import { bestValues, type Chosen } from '../experiment/best.ts';
import { membersOf } from '../experiment/find.ts';
import { settingsThatDiffer, settingText } from '../experiment/differences.ts';
import { measureStored, storedExperiment } from '../experiment/studio.ts';
import { columns, missing, percent, sparsityPercent } from '../report/format.ts';
import type { Library } from '../store/library.ts';
import { stateOf } from './rows.ts';

/** An arm in a round: means over seeds. */
interface BestJson {
  readonly arm: string;
  readonly round: number;
  readonly sparsity: number;
  readonly test: Metrics;
  readonly validation: Metrics | null;
}

/** An experiment of a sweep, as JSON tells it. */
export interface SweepMember {
  readonly experiment: ExperimentId;
  readonly state: RunState;
  /** Those that are not the same in all, by path. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Chosen on validation; `null` before a round of all seeds is done. */
  readonly best: BestJson | null;
  /** Of the last round, chosen on validation. */
  readonly last: BestJson | null;
}

/** What is to be said of a sweep: its experiments with what differs and their best values. */
export function sweepTable(library: Library, sweep: string): { experiments: SweepMember[]; text: string } {
  const ids = membersOf(library.store, sweep);
  const stored = ids.map((id) => ({ id, prepared: storedExperiment(library, id) }));
  const settings = settingsThatDiffer(stored.map(({ prepared }) => prepared.config));
  const experiments = stored.map(({ id, prepared }, at): SweepMember => {
    const { state, wish } = library.store.experiment(id);
    const { best, last } = bestValues(measureStored(library, id, prepared), prepared.config.seeds.length);
    return {
      experiment: id,
      state: stateOf(state, { held: library.held, wish }),
      settings: Object.fromEntries(
        settings.flatMap(({ path, values }) => (values[at] === undefined ? [] : [[path, values[at]]])),
      ),
      best: toJson(best),
      last: toJson(last),
    };
  });
  const paths = settings.map(({ path }) => path);
  return { experiments, text: textOf(sweep, paths, experiments) };
}

function toJson(chosen: Chosen | null): BestJson | null {
  if (!chosen) return null;
  const { arm, round } = chosen;
  return {
    arm,
    round: round.round,
    sparsity: round.sparsity,
    test: round.test,
    validation: round.validation,
  };
}

function textOf(sweep: string, paths: readonly string[], experiments: readonly SweepMember[]): string {
  const done = experiments.filter(({ state }) => state === 'done').length;
  const header = ['experiment', 'state', ...paths, 'best arm', 'pruned', 'validation', 'test'];
  const rows = experiments.map(({ experiment, state, settings, best }) => [
    experiment,
    state,
    ...paths.map((path) => settingText(path, settings[path])),
    ...bestCells(best),
  ]);
  const lastRows = experiments.map(({ experiment, last }) => [experiment, ...bestCells(last)]);
  const left = header.map((_, at) => (at < 2 ? ('left' as const) : ('right' as const)));
  return [
    ...columns(
      [
        ['sweep', sweep],
        ['experiments', `${experiments.length}, ${done} done`],
      ],
      ['left', 'left'],
    ),
    '',
    'The best arm and round of each, chosen on validation:',
    ...columns([header, ...rows], left),
    '',
    'The best arm of the last round of each, chosen on validation:',
    ...columns(
      [['experiment', 'arm', 'pruned', 'validation', 'test'], ...lastRows],
      ['left', 'right', 'right', 'right', 'right'],
    ),
  ].join('\n');
}

function bestCells(best: BestJson | null): string[] {
  if (!best) return [missing, missing, missing, missing];
  const { arm, sparsity, validation, test } = best;
  return [
    arm,
    sparsityPercent(sparsity),
    validation ? percent(validation.accuracy, 2) : missing,
    percent(test.accuracy, 2),
  ];
}
