import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { Task } from '../../src-main/contract/api/host.ts';
import { isAbort } from '../lib/errors.ts';
import { useLive } from '../stores/live.ts';

/** Something that takes a while and that this window began: what it is at, and how to stop it. */
export function useTask(kind: Task['kind']): {
  readonly busy: Ref<boolean>;
  readonly error: Ref<unknown>;
  /** What the host tells of it. */
  readonly task: ComputedRef<Task | null>;
  /** @returns what it gives; `null` where it failed or was stopped. */
  readonly run: <T>(act: (signal: AbortSignal) => Promise<T>) => Promise<T | null>;
  readonly stop: () => void;
} {
  const live = useLive();
  const busy = ref(false);
  const error = ref<unknown>(null);
  let under: AbortController | null = null;
  let before = new Set<string>();

  async function run<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const own = new AbortController();
    under = own;
    before = new Set(live.tasks.map(({ id }) => id));
    busy.value = true;
    error.value = null;
    try {
      return await act(own.signal);
    } catch (why) {
      if (!isAbort(why)) error.value = why;
      return null;
    } finally {
      busy.value = false;
      under = null;
    }
  }

  const task = computed(() => {
    if (!busy.value) return null;
    const mine = live.tasks.filter((each) => each.kind === kind && !before.has(each.id));
    return mine[mine.length - 1] ?? null;
  });
  return { busy, error, task, run, stop: () => under?.abort() };
}
