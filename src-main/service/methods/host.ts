import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ConfigError } from '../../contract/errors.ts';
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

  'host.engines': (_input, { engines }) => engines.list(),

  'host.installEngine': ({ folder }, { engines }, signal) => engines.install(wholePath(folder), signal),

  'host.packEngine': ({ folder, ...order }, { engines }, signal) =>
    engines.pack({ ...order, folder: wholePath(folder) }, signal),

  'host.diagnose': (_input, { engines }) => engines.diagnose(),

  'host.cancelTask': ({ id }, { tasks }) => {
    tasks.cancel(id);
    return {};
  },
};

/** A folder as it was typed in the window. @throws ConfigError where it is not known from where on. */
function wholePath(folder: string): string {
  const path = folder === '~' || /^~[/\\]/.test(folder) ? join(homedir(), folder.slice(1)) : folder;
  if (isAbsolute(path)) return path;
  throw new ConfigError(`${folder} is no whole path`, 'Give the path of a folder from the root on.');
}
