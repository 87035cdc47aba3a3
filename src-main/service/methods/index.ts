import type { Handler, HostMethod } from '../context.ts';
import { analysisHandlers } from './analyses.ts';
import { experimentHandlers } from './experiments.ts';
import { fileHandlers } from './files.ts';
import { hostHandlers } from './host.ts';
import { libraryHandlers } from './library.ts';
import { planHandlers } from './plans.ts';

/**
 * What does each method of the contract that the host does itself; desk/tasks.ts names the others. A method that is in
 * neither does not compile.
 */
export const handlers: { readonly [M in HostMethod]: Handler<M> } = {
  ...hostHandlers,
  ...experimentHandlers,
  ...analysisHandlers,
  ...planHandlers,
  ...fileHandlers,
  ...libraryHandlers,
};
