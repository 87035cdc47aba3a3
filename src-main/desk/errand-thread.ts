import type { MessagePort } from 'node:worker_threads';
import { toErrorData } from '../contract/error-data.ts';
import { exportRun } from '../experiment/export.ts';
import { packExperiments, type Watch } from '../experiment/run-file/pack.ts';
import { Studio } from '../experiment/studio.ts';
import { checkLibrary } from '../store/check.ts';
import { openLibrary, type Library } from '../store/library.ts';
import { STOP, type Errand, type Errands, type ErrandSettings, type FromErrand } from './errands.ts';

type Runner<E extends Errand> = (
  library: Library,
  input: Errands[E]['input'],
  watch: Watch,
) => Promise<Errands[E]['output']>;

const runners: { readonly [E in Errand]: Runner<E> } = {
  check: (library, _input, watch) => checkLibrary(library, watch),
  pack: packExperiments,
  export: async (library, { engine, app, ...request }, { report, signal }) => {
    const studio = new Studio(library, engine, app);
    try {
      return await exportRun(studio, request, { signal, onStep: (step) => report({ step }) });
    } finally {
      await studio.close();
    }
  },
};

/** Does the thread's errand, and ends. */
export async function serveErrand(
  port: MessagePort,
  { library: folder, errand, input }: ErrandSettings,
): Promise<void> {
  const controller = new AbortController();
  port.on('message', (message) => {
    if (message === STOP) controller.abort();
  });
  const send = (message: FromErrand): void => port.postMessage(message);
  try {
    const library = openLibrary(folder, { readOnly: true, held: true });
    try {
      const run = runners[errand] as Runner<Errand>;
      const watch: Watch = {
        report: (report) => send({ type: 'report', report }),
        signal: controller.signal,
      };
      send({ type: 'result', output: await run(library, input as never, watch) });
    } finally {
      library.close();
    }
  } catch (error) {
    send({ type: 'error', error: toErrorData(error) });
  }
  port.close();
}
