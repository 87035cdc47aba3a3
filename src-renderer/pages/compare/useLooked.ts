import { computed, type ComputedRef, type Ref } from 'vue';
import type { Comparison } from '../../../src-main/contract/compare.ts';
import type { RunId } from '../../../src-main/contract/ids.ts';
import type { RunNames } from '../../analyses/subjects.ts';

/** What an analysis of a comparison looks at: its runs, those of hidden arms left out; and the names of all. */
export function useLooked(
  comparison: Ref<Comparison | null>,
  hidden: Ref<ReadonlySet<string>>,
): { readonly looked: ComputedRef<RunId[]>; readonly names: ComputedRef<RunNames> } {
  const runs = computed(() => {
    const all = (comparison.value?.arms ?? []).flatMap(({ arm, rounds }) =>
      rounds.flatMap(({ seeds }) => seeds.map(({ run, seed }) => ({ run, arm, seed }))),
    );
    return [...new Map(all.map((each) => [each.run, each])).values()];
  });
  return {
    looked: computed(() =>
      runs.value.flatMap(({ run, arm }) => (hidden.value.has(arm) ? [] : [run as RunId])),
    ),
    names: computed(() => new Map(runs.value.map(({ run, arm, seed }) => [run, `${arm}, seed ${seed}`]))),
  };
}
