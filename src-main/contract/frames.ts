import { z } from 'zod';
import { ErrorData } from './error-data.ts';

const id = z.number().int().min(0);

/** First in both directions; read before anything else, so it takes whatever another version puts in. */
export const Hello = z.looseObject({ type: z.literal('hello'), protocol: z.number(), app: z.string() });

/** One line each, JSON. Answers carry the number of what they answer. */
export const ToHost = z.discriminatedUnion('type', [
  Hello,
  z.strictObject({ type: z.literal('call'), id, method: z.string(), input: z.unknown() }),
  /** Nobody waits for this call any more. */
  z.strictObject({ type: z.literal('cancel'), id }),
  z.strictObject({ type: z.literal('listen'), id, event: z.string(), filter: z.unknown() }),
  z.strictObject({ type: z.literal('unlisten'), id }),
]);
export type ToHost = z.infer<typeof ToHost>;

export const FromHost = z.discriminatedUnion('type', [
  Hello,
  z.strictObject({ type: z.literal('result'), id, output: z.unknown() }),
  z.strictObject({ type: z.literal('error'), id, error: ErrorData }),
  z.strictObject({ type: z.literal('event'), id, payload: z.unknown() }),
  /** The connection ends for this reason. */
  z.strictObject({ type: z.literal('refused'), error: ErrorData }),
]);
export type FromHost = z.infer<typeof FromHost>;
