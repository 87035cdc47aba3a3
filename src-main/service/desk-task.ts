import type { Task } from '../contract/api/host.ts';
import type { DeskProgress, DeskTask, TaskInput } from '../desk/desks.ts';
import type { Context } from './context.ts';

/**
 * Has a desk do what may take long: where it does it is told as a task, which can be stopped. @returns JSON.
 * @throws as the desk does; the signal's reason.
 */
export async function deskTask<T extends DeskTask>(
  what: Pick<Task, 'kind' | 'title'>,
  task: T,
  input: TaskInput<T>,
  { desks, tasks }: Pick<Context, 'desks' | 'tasks'>,
  signal: AbortSignal,
): Promise<string> {
  const cancelled = new AbortController();
  let tell: ((progress: DeskProgress) => void) | null = null;
  const onProgress = (progress: DeskProgress): void => {
    // Only what takes long tells how far it is.
    if (tell === null) begin();
    tell?.(progress);
  };
  const answer = desks.text(task, input, AbortSignal.any([signal, cancelled.signal]), onProgress);
  return await answer;

  function begin(): void {
    tell = () => undefined;
    const told = tasks.run(what, signal, async (report, stop) => {
      tell = ({ message, share }) => report({ step: message, done: share });
      stop.addEventListener('abort', () => cancelled.abort(stop.reason), { once: true });
      return await answer;
    });
    // Whoever asked hears of it.
    told.catch(() => undefined);
  }
}
