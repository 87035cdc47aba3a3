import type { z } from 'zod';
import type { Method, methods, Output } from '../contract/api/index.ts';
import type { DeskMethod, Desks } from '../desk/desks.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { LogEntry } from '../contract/log.ts';
import type { Library } from '../store/library.ts';
import type { Changes } from './changes.ts';
import type { Feed } from './feed.ts';
import type { Engines } from './engines.ts';
import type { Queue } from './queue.ts';
import type { Tasks } from './tasks.ts';

/** What handlers work on. */
export interface Context {
  readonly library: Library;
  readonly queue: Queue;
  readonly feed: Feed;
  readonly changes: Changes;
  /** What is under way beside experiments. */
  readonly tasks: Tasks;
  readonly engines: Engines;
  /** Threads for what only reads and plans. */
  readonly desks: Desks;
  /** Rows, states or labels of these experiments changed; `null`: any may have. */
  readonly changed: (experiments: readonly ExperimentId[] | null) => void;
  /** Writes into an experiment's log. Never throws where the log cannot be written. */
  readonly note: (id: ExperimentId, entry: Omit<LogEntry, 'time'>) => void;
  /** Version of the app. */
  readonly app: string;
  /** ISO time of the host's start. */
  readonly since: string;
}

/** Methods that the host does itself. */
export type HostMethod = Exclude<Method, DeskMethod>;

/** Does one method. @param signal nobody waits for the answer any more. @throws SwampError for what the caller did wrong. */
export type Handler<M extends Method> = (
  input: z.output<(typeof methods)[M]['input']>,
  context: Context,
  signal: AbortSignal,
) => Output<M> | Promise<Output<M>>;

/** Handlers of a topic: its methods that no desk does. */
export type Handlers<Prefix extends string> = {
  readonly [M in Extract<HostMethod, `${Prefix}.${string}`>]: Handler<M>;
};
