import type { Handlers } from '../context.ts';
import { notThereYet } from './notyet.ts';

export const hostHandlers: Handlers<'host'> = {
  'host.info': (_input, { app, library, since, queue }) => ({
    pid: process.pid,
    app,
    library: library.dir,
    since,
    queue: queue.items,
  }),
  'host.engine': () => notThereYet('host.engine'),
  'host.prepareEngine': () => notThereYet('host.prepareEngine'),
  'host.cancelTask': () => notThereYet('host.cancelTask'),
};
