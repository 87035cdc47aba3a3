import { nextTick, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ExperimentId } from '../../../src-main/contract/ids.ts';
import type { RunState } from '../../../src-main/contract/states.ts';
import { ConnectionLost } from '../../client.ts';
import { host } from '../../host.ts';
import { isAbort } from '../../lib/errors.ts';
import { useChangesOf } from '../../stores/live.ts';
import { quiet, take, type Live } from './live.ts';

/** Milliseconds between two drawings of what is under way, and between two questions for what is stored. */
const DRAW_MS = 250;
const ASK_MS = 900;
/** An answer that takes long is asked for less often: about this share of the time goes into it, */
const ASK_SHARE = 0.2;
/** and yet so often that what is shown is never older than this. */
const LONGEST_MS = 4000;
/** What changes while nothing runs is somebody's wish, and is shown at once. */
const WISH_MS = 50;

export interface Followed<Shown> {
  /** What is stored; `null` until it is known. */
  readonly shown: Readonly<ShallowRef<Shown | null>>;
  readonly error: Readonly<ShallowRef<unknown>>;
  /** What is told while it runs; another object at each drawing, so that what depends on it is drawn anew. */
  readonly live: Readonly<ShallowRef<Live>>;
  /** Counts answers: what belongs to them (log, layers) is asked for again. */
  readonly version: Readonly<Ref<number>>;
  readonly refresh: () => void;
}

/**
 * An experiment, or an analysis, as it stands and goes on, for as long as the component that calls this is there.
 * @param look asks for what is stored, given what is shown
 */
export function useFollowed<Shown extends { readonly state: RunState }>(
  experiment: () => ExperimentId,
  look: (before: Shown | null, signal: AbortSignal) => Promise<Shown>,
): Followed<Shown> {
  const shown = shallowRef(null) as ShallowRef<Shown | null>;
  const error = shallowRef<unknown>(null);
  const live = shallowRef<Live>(quiet());
  const version = ref(0);
  let now = quiet();
  let unlisten = (): void => undefined;
  let drawing = 0;
  let asking = new AbortController();
  let underWay = false;
  let again = false;
  let waiting = 0;
  let took = 0;

  /** Many events, few drawings. */
  function drawSoon(): void {
    if (drawing !== 0) return;
    drawing = window.setTimeout(() => {
      drawing = 0;
      live.value = { ...now };
    }, DRAW_MS);
  }

  function askSoon(): void {
    if (underWay) {
      again = true;
      return;
    }
    if (waiting !== 0) return;
    waiting = window.setTimeout(
      () => {
        waiting = 0;
        void ask();
      },
      shown.value?.state === 'running' ? Math.min(LONGEST_MS, Math.max(ASK_MS, took / ASK_SHARE)) : WISH_MS,
    );
  }

  async function ask(): Promise<void> {
    underWay = true;
    again = false;
    const { signal } = asking;
    // What ended before it was asked for is in the answer; what ends meanwhile may not be.
    const before = new Map(now.settled);
    const began = performance.now();
    try {
      const answer = await look(shown.value, signal);
      for (const [key, state] of before) if (now.settled.get(key) === state) now.settled.delete(key);
      // How it ended is in the answer now.
      if (now.phase === 'ended') now = { ...now, phase: 'quiet', end: null };
      shown.value = answer;
      error.value = null;
      version.value++;
      live.value = { ...now };
      await nextTick();
      took = performance.now() - began;
    } catch (failure) {
      // A connection that comes back asks again.
      if (!isAbort(failure) && !(failure instanceof ConnectionLost)) error.value = failure;
    } finally {
      if (signal === asking.signal) {
        underWay = false;
        if (again) askSoon();
      }
    }
  }

  /** All anew: another experiment, or nobody knows what happened meanwhile. */
  function begin(keep: boolean): void {
    asking.abort();
    asking = new AbortController();
    now = quiet();
    if (!keep) shown.value = null;
    live.value = { ...now };
    void ask();
  }

  function listen(): void {
    unlisten();
    unlisten = host.listen('run', { experiment: experiment() }, (told) => {
      if (told.experiment !== experiment()) return;
      const { stale } = now;
      take(now, told.event);
      drawSoon();
      if (now.stale !== stale) askSoon();
    });
  }

  watch(
    experiment,
    () => {
      begin(false);
      listen();
    },
    { immediate: true },
  );
  useChangesOf(experiment, askSoon);
  const unwatch = host.watch((connection) => {
    if (connection === 'connected') begin(true);
  });
  onScopeDispose(() => {
    unlisten();
    unwatch();
    asking.abort();
    clearTimeout(drawing);
    clearTimeout(waiting);
  });

  return { shown, error, live, version, refresh: () => begin(true) };
}
