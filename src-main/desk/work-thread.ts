import { Worker, type MessagePort } from 'node:worker_threads';
import { fromErrorData, toErrorData, type ErrorData } from '../contract/error-data.ts';
import { LibraryError } from '../contract/errors.ts';
import type { Watch } from '../experiment/run-file/pack.ts';

// A thread that does one long piece of work, tells how far it is, and ends.

type FromWork =
  | { readonly type: 'report'; readonly report: Parameters<Watch['report']>[0] }
  | { readonly type: 'result'; readonly output: unknown }
  | { readonly type: 'error'; readonly error: ErrorData };

/** The one message to the thread: nobody wants it any more. */
const STOP = 'stop';

/** A thread that is busy with one long step is ended after this. */
const PATIENCE_MS = 3000;

/**
 * Has a thread of its own do some work. @param entry what the thread runs, which calls `doWork`. @param data for it.
 * @throws SwampError as the work does; LibraryError where the thread died; the signal's reason.
 */
export async function runWork(entry: URL, data: unknown, { report, signal }: Watch): Promise<unknown> {
  signal.throwIfAborted();
  const thread = new Worker(entry, { workerData: data, execArgv: [] });
  const stop = (): void => {
    thread.postMessage(STOP);
    setTimeout(() => void thread.terminate(), PATIENCE_MS).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      let why = 'it ended without a word';
      thread.on('message', (message: FromWork) => {
        if (message.type === 'report') report(message.report);
        else if (message.type === 'result') resolve(message.output);
        else reject(fromErrorData(message.error));
      });
      thread.on('error', (error: unknown) => (why = error instanceof Error ? error.message : String(error)));
      thread.on('exit', () =>
        reject(
          new LibraryError(
            `a part of the host has failed: ${why}`,
            'Try again. Experiments go on meanwhile.',
          ),
        ),
      );
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** In the thread: does its work, and ends. */
export async function doWork(port: MessagePort, work: (watch: Watch) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  port.on('message', (message) => {
    if (message === STOP) controller.abort();
  });
  const send = (message: FromWork): void => port.postMessage(message);
  try {
    const report: Watch['report'] = (report) => send({ type: 'report', report });
    send({ type: 'result', output: await work({ report, signal: controller.signal }) });
  } catch (error) {
    send({ type: 'error', error: toErrorData(error) });
  }
  port.close();
}
