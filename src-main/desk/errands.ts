import { Worker } from 'node:worker_threads';
import { fromErrorData, type ErrorData } from '../contract/error-data.ts';
import { LibraryError } from '../contract/errors.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { Exported, ExportRequest } from '../experiment/export.ts';
import type { Packed, PackRequest, Watch } from '../experiment/run-file/pack.ts';
import type { LibraryCheck } from '../store/check.ts';

/** What takes long and only reads the library: a thread of its own for each, so that neither the host nor a desk waits. */
export interface Errands {
  check: { readonly input: null; readonly output: LibraryCheck };
  pack: { readonly input: PackRequest; readonly output: Packed };
  export: {
    readonly input: ExportRequest & { readonly engine: EngineBuild; readonly app: string };
    readonly output: Exported;
  };
}
export type Errand = keyof Errands;

export interface ErrandSettings {
  /** The library's folder. */
  readonly library: string;
  readonly errand: Errand;
  readonly input: unknown;
}

export type FromErrand =
  | { readonly type: 'report'; readonly report: Parameters<Watch['report']>[0] }
  | { readonly type: 'result'; readonly output: unknown }
  | { readonly type: 'error'; readonly error: ErrorData };

/** The one message to the thread: nobody wants it any more. */
export const STOP = 'stop';

/** A thread that is busy with one long step is ended after this. */
const PATIENCE_MS = 3000;

/**
 * Does an errand in a thread of its own.
 * @throws SwampError as the errand does; LibraryError where the thread died; the signal's reason.
 */
export async function runErrand<E extends Errand>(
  library: string,
  errand: E,
  input: Errands[E]['input'],
  { report, signal }: Watch,
): Promise<Errands[E]['output']> {
  signal.throwIfAborted();
  const settings: ErrandSettings = { library, errand, input };
  const thread = new Worker(new URL('../errand.ts', import.meta.url), { workerData: settings, execArgv: [] });
  const stop = (): void => {
    thread.postMessage(STOP);
    setTimeout(() => void thread.terminate(), PATIENCE_MS).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      let why = 'it ended without a word';
      thread.on('message', (message: FromErrand) => {
        if (message.type === 'report') report(message.report);
        else if (message.type === 'result') resolve(message.output as Errands[E]['output']);
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
