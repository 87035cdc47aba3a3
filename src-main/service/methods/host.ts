import type { Handlers } from '../context.ts';

export const hostHandlers: Handlers<'host'> = {
  'host.info': (_input, { app, library, since, queue }) => ({
    pid: process.pid,
    app,
    library: library.dir,
    since,
    queue: queue.items,
  }),

  'host.engine': (_input, { engines }) => engines.state(),

  'host.prepareEngine': async ({ variant }, { engines }, signal) => {
    await engines.prepare(variant, signal);
    return await engines.state();
  },

  'host.cancelTask': ({ id }, { tasks }) => {
    tasks.cancel(id);
    return {};
  },
};
