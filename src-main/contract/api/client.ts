import type { z } from 'zod';
import type { events, methods } from './index.ts';

/** A method: what it takes and what it gives. Schemas stand for both ends. */
export interface MethodSchema {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/** An event: which ones are wanted, and what is told. */
export interface EventSchema {
  readonly filter: z.ZodType;
  readonly payload: z.ZodType;
  /**
   * Events of one key replace each other where a reader is too slow for all of them; `null`: each one counts.
   * The payload is one of this event.
   */
  readonly coalesce?: (payload: never) => string | null;
}

export type Method = keyof typeof methods;
export type Input<M extends Method> = z.input<(typeof methods)[M]['input']>;
export type Output<M extends Method> = z.output<(typeof methods)[M]['output']>;

export type EventName = keyof typeof events;
export type Filter<E extends EventName> = z.input<(typeof events)[E]['filter']>;
export type Payload<E extends EventName> = z.output<(typeof events)[E]['payload']>;

/** A host, as those see it who pass it on to others. */
export interface HostClient extends Client {
  /** As `call`, but gives the JSON of the answer: what another thread made is not read and written again on the way. */
  callText<M extends Method>(method: M, input: Input<M>, signal?: AbortSignal): Promise<string>;
}

/** What every client of a host has: the host's own process, one beside it, and later a window or a browser. */
export interface Client {
  /**
   * Calls a method. @param signal gives up waiting, and tells the host so.
   * @throws SwampError as the method does; the signal's reason.
   */
  call<M extends Method>(method: M, input: Input<M>, signal?: AbortSignal): Promise<Output<M>>;
  /** Tells of events from now on, and first what a newcomer must know. @returns ends it. */
  listen<E extends EventName>(
    event: E,
    filter: Filter<E>,
    handler: (payload: Payload<E>) => void,
  ): () => void;
}
