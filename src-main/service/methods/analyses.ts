import type { ExperimentId } from '../../contract/ids.ts';
import { createAnalysis } from '../../experiment/analyses/keep.ts';
import { readPlan } from '../../experiment/plan-bytes.ts';
import { withRests } from '../../store/pieces.ts';
import type { Context, Handlers } from '../context.ts';
import { enqueue } from './experiments.ts';

export const analysisHandlers: Handlers<'analyses'> = {
  'analyses.start': async ({ again, ...request }, context, signal) => {
    const { library, desks } = context;
    const plan = await desks.bytes('planned.analysis', { request, again }, signal);
    const known = JSON.parse(await desks.text('planned.known', request, signal)) as ExperimentId | null;
    if (known !== null) return { analysis: known, queued: goOn(context, known) };
    const analysis = await createAnalysis(library, await withRests(readPlan(plan)));
    return { analysis, queued: goOn(context, analysis) };
  },
};

/** Puts it at the end of the queue, where anything of it is to be done. */
function goOn(context: Context, id: ExperimentId): boolean {
  const { library, queue, changed } = context;
  const { state, removed } = library.store.experiment(id);
  if (removed !== null) library.store.restoreExperiment(id);
  const needed = state !== 'done' && !queue.has(id);
  if (needed) enqueue(context, id, 'asked for');
  else changed([id]);
  return needed || queue.has(id);
}
