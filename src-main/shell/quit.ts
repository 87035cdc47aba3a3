import { dialog, type BrowserWindow } from 'electron';
import type { Queued } from '../contract/api/host.ts';
import type { Served } from '../transport/host-process.ts';
import { askHost } from './ask.ts';

/** Leave it running, stop and save, stay: in the order of the dialog's buttons. */
type Answer = 'leave' | 'stop' | 'stay';

/**
 * Asks what is to become of experiments that run or wait, where there are any.
 * @returns whether the window may close.
 */
export async function mayQuit(window: BrowserWindow, served: Served | null): Promise<boolean> {
  const queue = served ? await queueOf(served) : [];
  if (queue.length === 0 || served === null) return true;
  const answer = await ask(window, queue);
  if (answer === 'stay') return false;
  if (answer === 'stop') {
    try {
      // Those that wait first, or the next would begin.
      for (const { experiment } of [...queue].reverse())
        await askHost(served.socket, 'experiments.pause', { experiment });
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

async function queueOf({ socket }: Served): Promise<readonly Queued[]> {
  try {
    return (await askHost(socket, 'host.info', {})).queue;
  } catch {
    // A host that has ended runs nothing.
    return [];
  }
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
