import { ALIVE, type Series } from '../../contract/job.ts';
import { mean } from '../../contract/statistics.ts';
import type { ExperimentId, JobKey, RunId } from '../../contract/ids.ts';
import type { ComparedArm, Comparison } from '../../contract/compare.ts';
import { collapsedIn, runId } from '../../experiment/comparison.ts';
import { maskJob, type Plan, type PlannedRun } from '../../experiment/plan.ts';
import { measureParts } from '../../experiment/several.ts';
import { prunableOf } from '../../pruning/mask.ts';
import { comparisonHtml } from '../../report/html.ts';
import { withStatistics } from '../../statistics/complete.ts';
import type { Library } from '../../store/library.ts';
import { LogBook } from '../../store/logs.ts';
import type { Store } from '../../store/store.ts';
import type { DeskHandlers } from '../context.ts';
import { newsroomOf } from '../news.ts';
import { shelfOf } from '../shelf.ts';
import { showExperiment } from '../show.ts';
import type { ReadInput } from '../tasks.ts';
import { thin } from '../thin.ts';

export const detailHandlers: DeskHandlers<'experiments'> = {
  'experiments.show': ({ experiment }, { library }) =>
    showExperiment(library, experiment, shelfOf(library).prepared(experiment)),

  'experiments.follow': ({ experiment, since }, { library }) =>
    newsroomOf(library).tell(
      showExperiment(library, experiment, shelfOf(library).prepared(experiment)),
      since,
    ),

  'experiments.series': ({ jobs, names, points }, { library }) => ({
    series: jobs.map((key) => thin(key, library.store.series(key), points, names)),
  }),

  'experiments.layers': ({ run }, { library }) => {
    const { experiment } = library.store.run(run);
    const { plan } = shelfOf(library).prepared(experiment);
    const planned = plan.runs.find((each) => runId(experiment, each) === run);
    return {
      layers: prunableOf(plan.layout).map(({ name, size }) => ({ name, weights: size })),
      rounds: planned ? layersOf(library.store, plan, planned) : [],
    };
  },

  'experiments.log': ({ experiment, last }, { library }) => {
    library.store.experiment(experiment);
    return new LogBook(library.dir).last(experiment, last);
  },

  'experiments.compare': (input, { library }) => compare(library, input),

  'experiments.report': (input, { library }) => {
    const comparison = compare(library, input);
    // Of several experiments the comparison itself tells the settings that differ.
    const [only, ...others] = new Set(input.experiments);
    const config = only && others.length === 0 ? shelfOf(library).prepared(only).config : undefined;
    return { html: comparisonHtml(comparison, { config }) };
  },
};

function compare(
  library: Library,
  { experiments, runs, ...options }: ReadInput<'experiments.compare'>,
): Comparison {
  const shelf = shelfOf(library);
  const ids: readonly ExperimentId[] = [...new Set(experiments)];
  const measured = measureParts(
    ids.map((id) => ({ id, prepared: shelf.prepared(id), measured: shelf.measured(id) })),
  );
  const arms = runs ? measured.arms.filter((arm) => hasOneOf(arm, runs)) : measured.arms;
  return withStatistics({ ...measured, arms }, options);
}

/** Weights alive in each layer of a run's masks, round by round; of an ensemble the mean over its members. */
function layersOf(
  store: Store,
  plan: Plan,
  run: PlannedRun,
): { round: number; sparsity: number; alive: number[]; collapsed: string[] }[] {
  const sizes = prunableOf(plan.layout).map(({ size }) => size);
  const result = (key: JobKey): { series: Series } => ({ series: store.series(key) });
  return plan.rounds.slice(0, run.rounds).flatMap(({ round, sparsity }) => {
    const members = Array.from({ length: run.members }, (_, member) => {
      const job = maskJob(run, round, member);
      return job === null ? sizes : store.series(job)[ALIVE];
    });
    const known = members.filter((alive) => alive !== undefined);
    if (known.length < members.length) return [];
    return [
      {
        round,
        sparsity,
        alive: sizes.map((_, layer) => mean(known.map((alive) => alive[layer] ?? 0))),
        collapsed: collapsedIn({ plan, result }, run, round),
      },
    ];
  });
}

function hasOneOf({ rounds }: ComparedArm, runs: readonly RunId[]): boolean {
  return rounds.some(({ seeds }) => seeds.some(({ run }) => runs.some((each) => each === run)));
}
