import { experimentEvents, experimentMethods } from './experiments.ts';
import { hostMethods } from './host.ts';
import { libraryMethods } from './library.ts';

// The whole contract between a host and its clients, one file a topic. A method is a line in its topic here, a handler
// in service/methods/, and whoever calls it.

export const methods = { ...hostMethods, ...experimentMethods, ...libraryMethods } as const;
export const events = { ...experimentEvents } as const;

export type {
  Client,
  EventName,
  EventSchema,
  Filter,
  Input,
  Method,
  MethodSchema,
  Output,
  Payload,
} from './client.ts';
