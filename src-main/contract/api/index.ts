import { analysisMethods } from './analyses.ts';
import { experimentEvents, experimentMethods } from './experiments.ts';
import { detailMethods } from './details.ts';
import { fileMethods } from './files.ts';
import { hostEvents, hostMethods } from './host.ts';
import { libraryMethods } from './library.ts';
import { planMethods } from './plans.ts';
import { tableMethods } from './table.ts';

// The whole contract between a host and its clients, one file a topic. A method is a line in its topic here, a handler
// in service/methods/, and whoever calls it.

export const methods = {
  ...hostMethods,
  ...tableMethods,
  ...detailMethods,
  ...planMethods,
  ...experimentMethods,
  ...analysisMethods,
  ...fileMethods,
  ...libraryMethods,
} as const;
export const events = { ...experimentEvents, ...hostEvents } as const;

export type {
  Client,
  EventName,
  EventSchema,
  Filter,
  HostClient,
  Input,
  Method,
  MethodSchema,
  Output,
  Payload,
} from './client.ts';
