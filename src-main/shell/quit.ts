import { dialog, type BrowserWindow } from 'electron';
import type { Queued } from '../contract/api/host.ts';
import type { Served } from '../transport/host-process.ts';
import { askHost, HostGone } from './ask.ts';

/** A host that does not say within this what it does hangs: whoever closes the window is not kept waiting for it. */
const ANSWER_MS = 2000;
/** What is stopped is saved first, which takes its time. */
const SAVED_MS = 60_000;

/** Leave it running, stop and save, stay: in the order of the dialog's buttons. */
type Answer = 'leave' | 'stop' | 'stay';

/**
 * Asks what is to become of experiments that run or wait, where there are any.
 * @returns whether the window may close.
 */
export async function mayQuit(window: BrowserWindow, served: Served | null): Promise<boolean> {
  if (served === null) return true;
  const queue = await queueOf(served);
  if (queue === 'silent') return await leavesSilent(window, served);
  if (queue.length === 0) return true;
  const answer = await ask(window, queue);
  if (answer === 'stay') return false;
  if (answer === 'stop') {
    try {
      // Those that wait first, or the next would begin.
      for (const { experiment } of [...queue].reverse())
        await askHost(served.socket, 'experiments.pause', { experiment }, SAVED_MS);
    } catch (error) {
      dialog.showErrorBox(
        'It could not be stopped.',
        `${error instanceof Error ? error.message : String(error)}\nIt goes on in the background; what is finished is kept.`,
      );
      return false;
    }
  }
  return true;
}

/** What runs and waits; `silent`: a host is there and does not say. */
async function queueOf({ socket }: Served): Promise<readonly Queued[] | 'silent'> {
  try {
    return (await askHost(socket, 'host.info', {}, ANSWER_MS)).queue;
  } catch (error) {
    // A host that has ended runs nothing.
    return error instanceof HostGone ? [] : 'silent';
  }
}

/** Nobody can say what runs. @returns whether the window is to close all the same. */
async function leavesSilent(window: BrowserWindow, { pid }: Served): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'The part of Swamp Studio that trains and stores does not answer.',
    detail: `What it runs, if anything, goes on in the background without the window. All that is finished is kept, and what is under way goes on from its last checkpoint, even if you end it (process ${pid}).`,
    buttons: ['Close the window', 'Stay'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}

async function ask(window: BrowserWindow, queue: readonly Queued[]): Promise<Answer> {
  const [first, ...more] = queue;
  const what = first ? `${first.experiment}${more.length > 0 ? ` and ${more.length} more` : ''}` : '';
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `${what} ${more.length > 0 ? 'are' : 'is'} not finished. What is to be done?`,
    detail:
      'In the background it goes on without the window, and the window shows it when it is opened again. Stopped, it is saved at its last checkpoint and goes on when you say so.',
    buttons: ['Leave it running in the background', 'Stop and save', 'Stay'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  return (['leave', 'stop', 'stay'] as const)[response] ?? 'stay';
}
