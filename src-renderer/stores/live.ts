import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, triggerRef } from 'vue';
import type { Payload } from '../../src-main/contract/api/index.ts';
import type { Queued, Task } from '../../src-main/contract/api/host.ts';
import type { ExperimentId } from '../../src-main/contract/ids.ts';
import { host } from '../host.ts';

/** Experiments that changed; `null`: any may have. */
export type Changed = Payload<'changes'>['experiments'];

/** Progress of an experiment that runs. */
export interface Running {
  /** Share of its work, 0 to 1; `null` until it is known. */
  readonly done: number | null;
  /** Seconds left. */
  readonly seconds: number | null;
}

/** Ended tasks that are remembered. */
const KEPT = 20;

/** What happens in the host: one listener for the whole window. */
export const useLive = defineStore('live', () => {
  const queue = ref<readonly Queued[]>([]);
  const tasks = shallowRef(new Map<string, Task>());
  const progress = shallowRef(new Map<ExperimentId, Running>());
  const handlers = new Set<(changed: Changed) => void>();
  const followed = new Map<ExperimentId, () => void>();

  const tell = (changed: Changed): void => handlers.forEach((handler) => handler(changed));

  host.listen('changes', {}, (payload) => {
    queue.value = payload.queue;
    follow();
    tell(payload.experiments);
  });
  host.listen('tasks', {}, (task) => {
    tasks.value.set(task.id, task);
    const over = [...tasks.value.values()].filter(({ state }) => state !== 'running');
    for (const { id } of over.slice(0, -KEPT)) tasks.value.delete(id);
    triggerRef(tasks);
  });
  let connectedBefore = false;
  host.watch((connection) => {
    if (connection !== 'connected') return;
    // What happened meanwhile is not known: the queue is asked for, and everything shown asks again. The first time
    // nothing has happened before, and calls that were made meanwhile are under way.
    tasks.value = new Map();
    if (connectedBefore) tell(null);
    connectedBefore = true;
    host.call('host.info', {}).then(
      (info) => {
        queue.value = info.queue;
        follow();
      },
      // The connection bar tells of it.
      () => undefined,
    );
  });

  /** Listens to those that run, and no longer to those that do not. */
  function follow(): void {
    const now = queue.value.filter(({ phase }) => phase === 'running').map(({ experiment }) => experiment);
    for (const [experiment, end] of followed) {
      if (now.includes(experiment)) continue;
      end();
      followed.delete(experiment);
      progress.value.delete(experiment);
      triggerRef(progress);
    }
    for (const experiment of now) {
      if (followed.has(experiment)) continue;
      const end = host.listen('run', { experiment }, ({ event }) => {
        if (event.type !== 'eta') return;
        progress.value.set(experiment, { done: event.done, seconds: event.experimentSeconds });
        triggerRef(progress);
      });
      followed.set(experiment, end);
    }
  }

  /** Calls whenever something stored changed. @returns ends it. */
  function onChanges(handler: (changed: Changed) => void): () => void {
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  return {
    queue,
    progress,
    tasks: computed(() => [...tasks.value.values()]),
    tasksRunning: computed(() => [...tasks.value.values()].filter(({ state }) => state === 'running')),
    onChanges,
  };
});

/** Calls whenever something stored changed, for as long as the component that calls this is there. */
export function useChanges(handler: (changed: Changed) => void): void {
  onScopeDispose(useLive().onChanges(handler));
}

/** The same for one experiment. */
export function useChangesOf(experiment: () => string, handler: () => void): void {
  useChanges((changed) => {
    if (changed === null || changed.some((id) => id === experiment())) handler();
  });
}
