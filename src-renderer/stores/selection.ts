import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { ExperimentId, RunId } from '../../src-main/contract/ids.ts';

/** A run that was put aside to be compared. */
export interface Picked {
  readonly experiment: ExperimentId;
  readonly run: RunId;
  readonly arm: string;
  readonly seed: number;
}

/** Runs to compare, gathered on several pages. */
export const useSelection = defineStore('selection', () => {
  const picked = ref<Picked[]>([]);

  const has = (run: RunId): boolean => picked.value.some((one) => one.run === run);

  function add(more: readonly Picked[]): void {
    picked.value = [...picked.value, ...more.filter(({ run }) => !has(run))];
  }

  function remove(runs: readonly RunId[]): void {
    picked.value = picked.value.filter(({ run }) => !runs.includes(run));
  }

  function clear(): void {
    picked.value = [];
  }

  /** Where the compare page shows them. */
  const route = computed(() => compareRoute(picked.value));

  return { picked, has, add, remove, clear, route };
});

/** The compare page with these runs. @param whole all runs of their experiments. */
export function compareRoute(
  runs: readonly Pick<Picked, 'experiment' | 'run'>[],
  whole = false,
): { name: 'compare'; query: { e: string[]; r?: string[] } } {
  const e = [...new Set(runs.map(({ experiment }) => experiment))];
  return { name: 'compare', query: whole ? { e } : { e, r: runs.map(({ run }) => run) } };
}
