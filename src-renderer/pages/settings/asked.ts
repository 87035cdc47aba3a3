import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { isAbort } from '../../lib/errors.ts';

/** Something that was asked of the host, and how that went. */
export interface Asked<T> {
  readonly answer: ShallowRef<T | null>;
  readonly error: ShallowRef<unknown>;
  readonly busy: Ref<boolean>;
  /** Asks, again too; what was asked before is given up. @returns whether it was answered. */
  readonly ask: () => Promise<boolean>;
  /** Gives up waiting. */
  readonly stop: () => void;
}

/** Asks the host and keeps its answer; gives up when whoever asks is gone. */
export function useAsked<T>(call: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const answer = shallowRef<T | null>(null);
  const error = shallowRef<unknown>(null);
  const busy = ref(false);
  let asking = new AbortController();

  async function ask(): Promise<boolean> {
    asking.abort();
    const mine = (asking = new AbortController());
    busy.value = true;
    try {
      const got = await call(mine.signal);
      if (mine.signal.aborted) return false;
      [answer.value, error.value] = [got, null];
      return true;
    } catch (caught) {
      if (!mine.signal.aborted && !isAbort(caught)) error.value = caught;
      return false;
    } finally {
      if (asking === mine) busy.value = false;
    }
  }

  const stop = (): void => {
    asking.abort();
    busy.value = false;
  };
  onScopeDispose(stop);
  return { answer, error, busy, ask, stop };
}
