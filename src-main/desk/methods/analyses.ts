import { catalogAnalyses } from '../../experiment/catalog.ts';
import {
  analysisCost,
  findingsOf,
  knownAnalysis,
  prepareAnalysis,
  shownAnalysis,
  titleOf,
} from '../../experiment/analyses/keep.ts';
import type { DeskHandlers } from '../context.ts';
import { shelfOf } from '../shelf.ts';

export const analysisHandlers: DeskHandlers<'analyses'> = {
  'analyses.catalog': () => ({ analyses: catalogAnalyses() }),

  'analyses.plan': (request, { library }) => {
    const prepared = prepareAnalysis(library, request);
    return {
      title: titleOf(request.analysis.kind),
      ...analysisCost(library, prepared),
      known: knownAnalysis(library, request),
    };
  },

  'analyses.list': ({ experiments }, { library: { store } }) => {
    const rows = experiments
      ? experiments.flatMap((analysisOf) => store.experiments({ analyses: 'only', analysisOf }))
      : store.experiments({ analyses: 'only' });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return { analyses: [...byId.values()].toSorted((a, b) => b.created - a.created).map(shownAnalysis) };
  },

  'analyses.findings': ({ analysis }, { library }) => ({
    ...shownAnalysis(library.store.experiment(analysis)),
    findings: findingsOf(library, analysis, shelfOf(library).analysis(analysis)),
  }),
};
