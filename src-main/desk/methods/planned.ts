import { knownAnalysis, prepareAnalysis, requireResults } from '../../experiment/analyses/keep.ts';
import { sparsestWithin } from '../../experiment/choose-round.ts';
import { findNetwork } from '../../experiment/export.ts';
import { writePlan } from '../../experiment/plan-bytes.ts';
import { checkDisk, estimatePlan, estimatePlans } from '../../experiment/studio.ts';
import type { DeskHandlers } from '../context.ts';
import { shelfOf } from '../shelf.ts';

export const plannedHandlers: DeskHandlers<'planned'> = {
  'planned.room': ({ experiments }, { library }) => {
    const shelf = shelfOf(library);
    const planned = experiments.map((one) => ({ prepared: shelf.plan(one), timings: null }));
    return estimatePlans(library, planned).diskBytes;
  },

  'planned.new': (one, { library }) => writePlan(shelfOf(library).plan(one)),

  'planned.stored': ({ experiment }, { library }) => writePlan(shelfOf(library).prepared(experiment)),

  'planned.known': (request, { library }) => knownAnalysis(library, request),

  'planned.analysis': async ({ request, again }, { library }) => {
    const prepared = prepareAnalysis(library, request);
    requireResults(library, prepared, again);
    await checkDisk(library, estimatePlan(library, prepared, null).diskBytes, 1);
    return writePlan(prepared);
  },

  'planned.network': ({ run, round, within, member }, { library }) => {
    const chosen =
      within === undefined ? round : sparsestWithin(library, run, within, `within ${within}`).round;
    const { prepared } = findNetwork(library, { run, round: chosen, member });
    return { round: chosen, resolution: prepared.resolution };
  },
};
