import { catalog } from '../../experiment/catalog.ts';
import { describeDraft, readDraft } from '../../experiment/draft.ts';
import { openExperimentFile } from '../../experiment/experiment-file.ts';
import type { DeskHandlers } from '../context.ts';
import { shelfOf } from '../shelf.ts';
import { surveyData } from '../survey.ts';

export const planHandlers: DeskHandlers<'plans'> = {
  'plans.catalog': () => catalog(),

  'plans.read': (draft, { library }) =>
    describeDraft(
      draft,
      readDraft(draft, (id) => shelfOf(library).prepared(id)),
    ),

  'plans.of': ({ experiment }, { library }) => ({ raw: library.store.experiment(experiment).config }),

  'plans.open': ({ file }) => openExperimentFile(file),

  'plans.survey': ({ dataset, validation, seed }, _context, signal) =>
    surveyData({ dataset, validation, seed }, signal),
};
