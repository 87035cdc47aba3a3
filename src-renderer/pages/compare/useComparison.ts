import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import type { Comparison } from '../../../src-main/contract/compare.ts';
import type { HostError } from '../../client.ts';
import { host } from '../../host.ts';
import { questionOf, type Choices } from './address.ts';

/** Milliseconds between two looks at experiments that are running. */
const LOOK_AGAIN_MS = 1500;

/** The comparison that the choices ask for; asked for again when one of its experiments goes on. */
export function useComparison(choices: Ref<Choices>): {
  /** The newest answer: it stays while the next is on its way. */
  readonly comparison: Ref<Comparison | null>;
  readonly loading: Ref<boolean>;
  readonly error: Ref<HostError | null>;
  readonly ask: () => void;
} {
  const comparison = shallowRef<Comparison | null>(null);
  const loading = ref(false);
  const error = shallowRef<HostError | null>(null);
  let asked = '';
  let under: AbortController | null = null;
  let again = 0;

  const ask = (): void => {
    under?.abort();
    const question = questionOf(choices.value);
    asked = JSON.stringify(question);
    if (question.experiments.length === 0) {
      comparison.value = null;
      error.value = null;
      loading.value = false;
      return;
    }
    const own = new AbortController();
    under = own;
    loading.value = true;
    host
      .call('experiments.compare', question, own.signal)
      .then((found) => {
        comparison.value = found;
        error.value = null;
      })
      .catch((why: unknown) => {
        if (own.signal.aborted) return;
        error.value = why as HostError;
      })
      .finally(() => {
        if (under === own) loading.value = false;
      });
  };

  watch(
    choices,
    (now) => {
      if (JSON.stringify(questionOf(now)) !== asked) ask();
    },
    { immediate: true },
  );

  const over = host.listen('changes', {}, ({ experiments }) => {
    const concerned =
      experiments === null || experiments.some((id) => choices.value.experiments.includes(id));
    if (!concerned || again !== 0 || choices.value.experiments.length === 0) return;
    again = window.setTimeout(() => {
      again = 0;
      ask();
    }, LOOK_AGAIN_MS);
  });
  onScopeDispose(() => {
    over();
    clearTimeout(again);
    under?.abort();
  });
  return { comparison, loading, error, ask };
}
