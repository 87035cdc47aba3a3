import type { Library } from '../store/library.ts';
import type { DeskProgress } from './messages.ts';
import type { DeskTask, ReadInput, TaskOutput } from './tasks.ts';

/** What handlers of a desk work on. */
export interface DeskContext {
  /** To read from; its host holds it. */
  readonly library: Library;
}

/** Does one task. @throws SwampError for what the caller did wrong. */
export type DeskHandler<T extends DeskTask> = (
  input: ReadInput<T>,
  context: DeskContext,
  signal: AbortSignal,
  report: (progress: DeskProgress) => void,
) => TaskOutput<T> | Promise<TaskOutput<T>>;

/** Handlers of a topic: its methods that a desk does. */
export type DeskHandlers<Prefix extends string> = {
  readonly [T in Extract<DeskTask, `${Prefix}.${string}`>]: DeskHandler<T>;
};
