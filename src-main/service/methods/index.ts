import type { Method } from '../../contract/api/index.ts';
import type { Handler } from '../context.ts';
import { experimentHandlers } from './experiments.ts';
import { hostHandlers } from './host.ts';
import { libraryHandlers } from './library.ts';

/** What does each method of the contract. One without a handler does not compile. */
export const handlers: { readonly [M in Method]: Handler<M> } = {
  ...hostHandlers,
  ...experimentHandlers,
  ...libraryHandlers,
};
