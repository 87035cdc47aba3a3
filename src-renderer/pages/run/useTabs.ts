import { computed, ref, watch, type ComputedRef, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { ExperimentId } from '../../../src-main/contract/ids.ts';
import { useAnalyses } from '../../stores/analyses.ts';

export type TabId = 'round' | 'layers' | 'analyses' | 'log' | 'record';

export interface RunTabs {
  readonly tab: Ref<TabId>;
  readonly tabs: ComputedRef<
    readonly { readonly id: TabId; readonly title: string; readonly count?: number }[]
  >;
  /** The analysis that is opened; empty: none. */
  readonly analysis: Ref<string>;
}

/**
 * What is shown of an experiment below its rounds. The analysis that is opened stands in the address: a notice, the queue and
 * the palette lead to it.
 */
export function useTabs(id: () => ExperimentId): RunTabs {
  const route = useRoute();
  const router = useRouter();
  const analyses = useAnalyses();
  const tab = ref<TabId>('round');
  const count = computed(() => analyses.of([id()]).length);
  const tabs: RunTabs['tabs'] = computed(() => [
    { id: 'round', title: 'Round' },
    { id: 'layers', title: 'Layers' },
    { id: 'analyses', title: 'Analyses', ...(count.value > 0 ? { count: count.value } : {}) },
    { id: 'log', title: 'Log' },
    { id: 'record', title: 'Settings and record' },
  ]);
  const analysis = computed({
    get: () => String(route.query['analysis'] ?? ''),
    set: (now) => void router.replace({ query: now === '' ? {} : { analysis: now } }),
  });
  watch(analysis, (now) => now !== '' && (tab.value = 'analyses'), { immediate: true });
  watch(tab, (now) => {
    if (now !== 'analyses' && analysis.value !== '') analysis.value = '';
  });
  return { tab, tabs, analysis };
}
