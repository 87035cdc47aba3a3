import type { TableRow } from '../../../src-main/contract/api/table.ts';
import type { ExperimentId, RunId } from '../../../src-main/contract/ids.ts';
import { ARCHIVED, STAR } from '../../../src-main/contract/names.ts';
import { host } from '../../host.ts';

type Labelled = ExperimentId | RunId;

/** Which carries a tag: an experiment or a run. */
export interface Carrier {
  readonly id: Labelled;
  readonly tags: readonly string[];
}

/** The experiments of rows, each once. */
export function experimentsOf(rows: readonly TableRow[]): TableRow['experiments'] {
  return [
    ...new Map(
      rows.flatMap(({ experiments }) => experiments).map((each) => [each.experiment, each]),
    ).values(),
  ];
}

/** Whether all experiments of rows carry a tag. */
export function allCarry(rows: readonly TableRow[], tag: string): boolean {
  return experimentsOf(rows).every(({ tags }) => tags.includes(tag));
}

/** Those of the experiments and runs of rows that carry a tag. */
export function carriersOf(rows: readonly TableRow[], tag: string): Labelled[] {
  const experiments: Carrier[] = experimentsOf(rows).map(({ experiment, tags }) => ({
    id: experiment,
    tags,
  }));
  const runs: Carrier[] = rows.flatMap(({ runs: each }) => each.map(({ run, tags }) => ({ id: run, tags })));
  return [...new Set([...experiments, ...runs].filter(({ tags }) => tags.includes(tag)).map(({ id }) => id))];
}

/** Tags to show: those with a look of their own are shown otherwise. */
export function shownTags({ tags }: TableRow): string[] {
  return tags.filter((tag) => tag !== STAR && tag !== ARCHIVED);
}

/** Gives all of them a tag. */
export async function giveTag(ids: readonly Labelled[], tag: string): Promise<void> {
  for (const id of ids) await host.call('library.tag', { id, tags: [tag] });
}

/** Takes a tag from all of them. */
export async function takeTag(ids: readonly Labelled[], tag: string): Promise<void> {
  for (const id of ids) await host.call('library.untag', { id, tags: [tag] });
}
