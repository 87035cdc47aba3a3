import { defineStore } from 'pinia';
import { markRaw, ref } from 'vue';
import { isAbort, told } from '../lib/errors.ts';
import { useUndo, type Step } from './undo.ts';

export interface NoticeAction {
  readonly title: string;
  readonly run: () => unknown;
}

export interface Notice {
  readonly id: number;
  readonly kind: 'said' | 'good' | 'warn' | 'failed';
  readonly text: string;
  /** What to do. */
  readonly hint: string;
  readonly action: NoticeAction | null;
  /** Milliseconds until it goes by itself; `null`: it stays until it is closed. */
  readonly stays: number | null;
}

/** Notices that are shown at once. */
const most = 4;
const SHORT_MS = 5_000;
const LONG_MS = 10_000;

/** What the window says beside its pages. */
export const useNotices = defineStore('notices', () => {
  const list = ref<Notice[]>([]);
  const undos = useUndo();
  let next = 0;

  function add(notice: Omit<Notice, 'id'>): number {
    const id = next++;
    // The same said twice is said once.
    const others = list.value.filter(({ text, kind }) => text !== notice.text || kind !== notice.kind);
    list.value = [...others, markRaw({ id, ...notice })].slice(-most);
    return id;
  }

  /** Says something; goes away by itself. */
  function say(
    text: string,
    {
      kind = 'said',
      hint = '',
      action,
    }: { kind?: Notice['kind']; hint?: string; action?: NoticeAction } = {},
  ): number {
    return add({ kind, text, hint, action: action ?? null, stays: action ? LONG_MS : SHORT_MS });
  }

  /** Says what went wrong; stays. A call that was given up is not wrong. @param what was tried: `The export failed`. */
  function fail(error: unknown, what = ''): void {
    if (isAbort(error)) return;
    const { message, hint } = told(error);
    add({ kind: 'failed', text: what ? `${what}: ${message}` : message, hint, action: null, stays: null });
  }

  /** Says what was done to data, and lets it be taken back, from here or with Ctrl/Cmd-Z. */
  function undoable(text: string, undo: Step['undo'], redo?: Step['redo']): void {
    const step: Step = markRaw({ text, undo, redo });
    undos.push(step);
    const id = say(text, {
      action: {
        title: 'Undo',
        run: async () => {
          dismiss(id);
          await takeBack(step);
        },
      },
    });
  }

  /** Takes back the newest change, or this one, and says so. */
  async function takeBack(step?: Step): Promise<void> {
    try {
      const text = await undos.undo(step);
      if (text !== null) say(`Undone: ${text}`);
    } catch (error) {
      fail(error, 'Could not be undone');
    }
  }

  /** Does again what was taken back, and says so. */
  async function doAgain(): Promise<void> {
    try {
      const text = await undos.redo();
      if (text !== null) say(`Done again: ${text}`);
    } catch (error) {
      fail(error, 'Could not be done again');
    }
  }

  function dismiss(id: number): void {
    list.value = list.value.filter((notice) => notice.id !== id);
  }

  return { list, say, fail, undoable, takeBack, doAgain, dismiss };
});
