import type { Handlers } from '../context.ts';

export const hostHandlers: Handlers<'host'> = {
  'host.info': (_input, { app, library, since, queue }) => ({
    pid: process.pid,
    app,
    library: library.dir,
    since,
    queue: queue.items,
  }),
};
