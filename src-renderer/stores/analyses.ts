import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { ShownAnalysis } from '../../src-main/contract/api/analyses.ts';
import type { ExperimentId } from '../../src-main/contract/ids.ts';
import { experimentsOf } from '../analyses/subjects.ts';
import { ConnectionLost } from '../client.ts';
import { host } from '../host.ts';
import { useLive, type Changed } from './live.ts';

/** Milliseconds between two looks at what changed. */
const LOOK_AGAIN_MS = 400;

/** Every analysis of the library, newest first: few beside its runs, and named in many places. */
export const useAnalyses = defineStore('analyses', () => {
  const list = shallowRef<readonly ShownAnalysis[] | null>(null);
  const error = shallowRef<unknown>(null);
  const byId = computed(() => new Map((list.value ?? []).map((each) => [each.id, each])));
  /** Ids that were told of and are experiments: changes of theirs need no look. */
  const experiments = new Set<ExperimentId>();
  /** Ids that were ever an analysis's: one in the trash may come back. */
  const seen = new Set<ExperimentId>();
  let told = new Set<ExperimentId>();
  let waiting: ReturnType<typeof setTimeout> | null = null;
  let asking = false;

  const live = useLive();
  live.onChanges((changed) => {
    if (concerns(changed)) lookSoon();
  });

  function concerns(changed: Changed): boolean {
    if (changed === null) experiments.clear();
    for (const id of changed ?? []) told.add(id);
    return changed === null || changed.some((id) => !experiments.has(id));
  }

  function lookSoon(): void {
    if (waiting !== null) return;
    waiting = setTimeout(() => {
      waiting = null;
      void look();
    }, LOOK_AGAIN_MS);
  }

  async function look(): Promise<void> {
    if (asking) {
      lookSoon();
      return;
    }
    asking = true;
    const before = told;
    told = new Set();
    try {
      list.value = (await host.call('analyses.list', {})).analyses;
      error.value = null;
      for (const id of byId.value.keys()) seen.add(id);
      for (const id of before) if (!seen.has(id)) experiments.add(id);
    } catch (failure) {
      // A connection that comes back tells of changes.
      if (!(failure instanceof ConnectionLost)) error.value = failure;
    } finally {
      asking = false;
    }
  }
  void look();

  /** Those that look at one of these experiments. */
  function of(wanted: readonly ExperimentId[]): ShownAnalysis[] {
    return (list.value ?? []).filter(({ subjects }) =>
      experimentsOf(subjects).some((each) => wanted.includes(each)),
    );
  }

  return { list, error, byId, of, look };
});

/** Where an analysis is shown: on the page of its experiment, or of several on the page that compares them. */
export function analysisRoute({ id, subjects }: Pick<ShownAnalysis, 'id' | 'subjects'>): {
  name: 'run' | 'compare';
  params?: { experiment: ExperimentId };
  query: Record<string, string | string[]>;
} {
  const [first, ...others] = experimentsOf(subjects);
  if (first !== undefined && others.length === 0)
    return { name: 'run', params: { experiment: first }, query: { analysis: id } };
  return { name: 'compare', query: { e: first === undefined ? [] : [first, ...others], analysis: id } };
}
