import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';

/** A change of data that can be taken back. */
export interface Step {
  /** What was done: `3 experiments moved to the trash`. */
  readonly text: string;
  readonly undo: () => Promise<unknown>;
  /** Does it again; without it, it cannot be done again. */
  readonly redo?: (() => Promise<unknown>) | undefined;
}

/** Steps that are remembered. */
const most = 100;

/** Changes of data of this window, newest last. */
export const useUndo = defineStore('undo', () => {
  const done = shallowRef<readonly Step[]>([]);
  const undone = shallowRef<readonly Step[]>([]);
  /** One at a time: the next waits for the one before. */
  let turn: Promise<unknown> = Promise.resolve();

  function push(step: Step): void {
    done.value = [...done.value, step].slice(-most);
    undone.value = [];
  }

  /** Takes back the newest step, or the one given. @returns its text, `null` where there is none. @throws as it does; it can then be tried again. */
  function undo(step?: Step): Promise<string | null> {
    return inTurn(async () => {
      const chosen = step ?? done.value[done.value.length - 1];
      if (!chosen || !done.value.includes(chosen)) return null;
      await chosen.undo();
      done.value = done.value.filter((other) => other !== chosen);
      if (chosen.redo) undone.value = [...undone.value, chosen];
      return chosen.text;
    });
  }

  /** Does the step again that was taken back last. @throws as it does. */
  function redo(): Promise<string | null> {
    return inTurn(async () => {
      const step = undone.value[undone.value.length - 1];
      if (!step?.redo) return null;
      await step.redo();
      undone.value = undone.value.slice(0, -1);
      done.value = [...done.value, step];
      return step.text;
    });
  }

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = turn.then(act, act);
    turn = mine.catch(() => undefined);
    return mine;
  }

  return {
    push,
    undo,
    redo,
    next: computed(() => done.value[done.value.length - 1]?.text ?? null),
    again: computed(() => undone.value[undone.value.length - 1]?.text ?? null),
  };
});
