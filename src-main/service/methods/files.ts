import { basename } from 'node:path';
import { lookAt, takeIn } from '../../experiment/run-file/take-in.ts';
import type { Handlers } from '../context.ts';
import { notThereYet } from './notyet.ts';

export const fileHandlers: Handlers<'files'> = {
  'files.formats': () => notThereYet('files.formats'),
  'files.export': () => notThereYet('files.export'),
  'files.pack': () => notThereYet('files.pack'),

  'files.look': ({ file }, { library }) => lookAt(library, file),

  'files.import': async ({ file }, context, signal) => {
    const { library, queue, tasks, changed } = context;
    const what = { kind: 'import', title: `Importing ${basename(file)}` } as const;
    const taken = await tasks.run(what, signal, (report, signal) =>
      takeIn(library, file, { report, signal, isBusy: (id) => queue.has(id) }),
    );
    changed(taken.experiments);
    return taken;
  },

  'files.complete': () => notThereYet('files.complete'),
  'files.save': () => notThereYet('files.save'),
};
