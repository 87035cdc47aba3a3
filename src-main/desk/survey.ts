import type { Output } from '../contract/api/index.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { contactRows, contactSheet } from '../datasets/contact-sheet.ts';
import { loadDataset } from '../datasets/registry.ts';
import { surveyOf } from '../datasets/survey.ts';
import { datasetOf } from '../experiment/draft-data.ts';

/** What there is in a data set, as `swamp data check` tells it, with its contact sheet. */
export async function surveyData(
  {
    dataset: spec,
    validation,
    seed,
  }: { readonly dataset: NamedSpec; readonly validation: number; readonly seed: number },
  signal: AbortSignal,
): Promise<Output<'plans.survey'>> {
  const chosen = datasetOf(spec);
  // Broken files are told of, not refused.
  const dataset = await loadDataset(chosen, { signal, tellBroken: true });
  const sheet = await contactSheet(await contactRows(dataset));
  return {
    survey: surveyOf(chosen.kind, dataset, { validation, seed }),
    sheet: Buffer.from(sheet).toString('base64'),
  };
}
