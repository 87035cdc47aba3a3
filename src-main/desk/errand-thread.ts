import type { MessagePort } from 'node:worker_threads';
import { exportRun } from '../experiment/export.ts';
import { packExperiments, type Watch } from '../experiment/run-file/pack.ts';
import { Studio } from '../experiment/studio.ts';
import { fitNetwork, useNetwork } from '../experiment/use-network.ts';
import { checkLibrary } from '../store/check.ts';
import { openLibrary, type Library } from '../store/library.ts';
import type { Errand, Errands, ErrandSettings } from './errands.ts';
import { doWork } from './work-thread.ts';

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
  fit: fitNetwork,
  use: (_library, options, watch) => useNetwork(options, watch),
};

/** Does the thread's errand, and ends. */
export async function serveErrand(
  port: MessagePort,
  { library: folder, errand, input }: ErrandSettings,
): Promise<void> {
  await doWork(port, async (watch) => {
    const library = openLibrary(folder, { readOnly: true, held: true });
    try {
      const run = runners[errand] as Runner<Errand>;
      return await run(library, input as never, watch);
    } finally {
      library.close();
    }
  });
}
