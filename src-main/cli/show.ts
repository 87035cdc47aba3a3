import type { ComparedArm } from '../contract/compare.ts';
import { ExitCode } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { describeConfig } from '../experiment/describe.ts';
import { findExperiments, type Found } from '../experiment/find.ts';
import { measureStored, storedExperiment } from '../experiment/studio.ts';
import { timeSpent, type TimeSpent } from '../experiment/time.ts';
import { collapseSentences } from '../report/collapse.ts';
import { bytes, columns, count, duration, percent } from '../report/format.ts';
import type { Library } from '../store/library.ts';
import type { RunRow } from '../store/rows.ts';
import type { Output } from './output.ts';
import { experimentJson, runJson, stateOf, type Standing } from './rows.ts';
import { withLibrary, type CommonOptions } from './session.ts';
import { sweepTable } from './sweep-table.ts';

/** `swamp show EXPERIMENT|SWEEP|RUN` */
export async function show(text: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  return await withLibrary(options, (library) => {
    if (text.includes('/')) showRun(library.store.findRun(text), library, output);
    else showNamed(findExperiments(library.store, text), library, output);
    return ExitCode.ok;
  });
}

function showNamed({ sweep, experiments }: Found, library: Library, output: Output): void {
  if (sweep !== null) {
    const { experiments: members, text } = sweepTable(library, sweep);
    output.result({ sweep, experiments: members }, () => text);
    return;
  }
  for (const id of experiments) showExperiment(id, library, output);
}

function showExperiment(id: ExperimentId, library: Library, output: Output): void {
  const { store, held } = library;
  const row = store.experiment(id);
  const at = { held, wish: row.wish };
  const runs = store.runs({ experiment: id });
  const prepared = storedExperiment(library, id);
  const { config } = prepared;
  const { words, weights } = prepared.plan.denominator;
  const used = store.usage().experiments.find((each) => each.id === id);
  const time = timeSpent(store, id);
  const facts = (): [string, string][] => [
    ['experiment', id],
    ['state', stateOf(row.state, at)],
    ...labelLines(row),
    ...(row.sweep === null ? [] : [['sweep', row.sweep] satisfies [string, string]]),
    ...(row.origin === null ? [] : [['forked from', row.origin] satisfies [string, string]]),
    ...describeConfig(config).map(({ label, text }): [string, string] => [label, text]),
    ['pruned of', `${count(weights)} weights: ${words}`],
    ['time', timeText(time)],
    ['disk', `${bytes(used?.bytes ?? 0)}, ${bytes(used?.own ?? 0)} of it only this one's`],
  ];
  const rows = (): string[][] =>
    runs.map(({ id: run, state, summary, rounds, tags }) => [
      run,
      stateOf(state, at),
      `${summary.roundsDone}/${rounds} rounds`,
      summary.finalAccuracy === null ? '' : `${percent(summary.finalAccuracy, 2)} test`,
      summary.finalSparsity === null ? '' : `${percent(summary.finalSparsity)} pruned`,
      tags.join(', '),
    ]);
  output.result(
    {
      experiment: experimentJson(row, held),
      config,
      runs: runs.map((run) => runJson(run, at)),
      usage: used ?? null,
      time,
    },
    () =>
      [
        ...columns(facts(), ['left', 'left']),
        '',
        ...columns(rows(), ['left', 'left', 'right', 'right', 'right', 'left']).map((line) => line.trimEnd()),
        ...warnings(collapseSentences(measureStored(library, id, prepared).arms)),
      ].join('\n'),
  );
}

/** Lines below a table, and an empty one in front. */
function warnings(sentences: readonly string[]): string[] {
  return sentences.length > 0 ? ['', ...sentences] : [];
}

function labelLines({
  tags,
  note,
}: {
  readonly tags: readonly string[];
  readonly note: string;
}): [string, string][] {
  const lines: [string, string][] = [
    ['tags', tags.join(', ')],
    ['note', note],
  ];
  return lines.filter(([, text]) => text !== '');
}

function timeText({ wallSeconds, workerSeconds, sessionSeconds, steps }: TimeSpent): string {
  const worked = `${duration(workerSeconds)} in workers, ${duration(sessionSeconds)} of it in TensorFlow`;
  return `${duration(wallSeconds)}; ${worked}; ${count(steps)} training steps`;
}

function showRun(id: RunId, library: Library, output: Output): void {
  const { store, held } = library;
  const row = store.run(id);
  const at = { held, wish: store.experiment(row.experiment).wish };
  const arms = measureStored(library, row.experiment).arms.flatMap((arm) => ofRun(arm, id));
  const collapsed = arms.flatMap(({ rounds }) =>
    rounds.flatMap(({ round, seeds }) =>
      seeds.flatMap(({ collapsed: layers }) => (layers ? [{ round, layers }] : [])),
    ),
  );
  output.result({ run: runJson(row, at), collapsed }, () => runText(row, at, library, arms));
}

/** What an arm has of one run. */
function ofRun({ rounds, ...arm }: ComparedArm, id: RunId): ComparedArm[] {
  const own = rounds.flatMap(({ seeds, ...round }) => {
    const kept = seeds.filter(({ run }) => run === id);
    return kept.length > 0 ? [{ ...round, seeds: kept }] : [];
  });
  return own.length > 0 ? [{ ...arm, rounds: own }] : [];
}

function runText(row: RunRow, at: Standing, library: Library, arms: readonly ComparedArm[]): string {
  const { words, weights } = storedExperiment(library, row.experiment).plan.denominator;
  const seeds = arms.flatMap(({ rounds }) =>
    rounds.flatMap(({ round, sparsity, seeds: each }) => each.map((seed) => ({ round, sparsity, seed }))),
  );
  const head = columns(
    [
      ['run', row.id],
      ['state', stateOf(row.state, at)],
      ...labelLines(row),
      ['rounds', `${seeds.length} of ${row.rounds} done`],
      ['sparsity', `of ${count(weights)} weights: ${words}`],
    ],
    ['left', 'left'],
  );
  const rows = seeds.map(({ round, sparsity, seed }) => [
    String(round),
    percent(sparsity),
    percent(seed.test.accuracy, 2),
    seed.validation ? percent(seed.validation.accuracy, 2) : '–',
    seed.test.nll.toFixed(4),
    seed.test.ece.toFixed(4),
  ]);
  const header = ['round', 'sparsity', 'test', 'validation', 'test NLL', 'test ECE'];
  return [
    ...head,
    '',
    ...columns(
      [header, ...rows],
      header.map(() => 'right'),
    ),
    ...warnings(collapseSentences(arms)),
  ].join('\n');
}
