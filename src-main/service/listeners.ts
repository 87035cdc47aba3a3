import type { EventName, Filter, Payload } from '../contract/api/index.ts';
import type { Context } from './context.ts';

/** Tells of one event from now on, and first what a newcomer must know. @returns ends it. */
export type Listener<E extends EventName> = (
  filter: Filter<E>,
  context: Context,
  handler: (payload: Payload<E>) => void,
) => () => void;

/** What tells each event of the contract. One without does not compile. */
export const listeners: { readonly [E in EventName]: Listener<E> } = {
  run: ({ experiment }, { feed }, handler) =>
    feed.listen(experiment, (event) => handler({ experiment, event })),
  changes: (_filter, { changes }, handler) => changes.listen(handler),
  tasks: (_filter, { tasks }, handler) => tasks.listen(handler),
};
