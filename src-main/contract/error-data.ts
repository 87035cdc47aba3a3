import { z } from 'zod';
import { ConfigError, DataError, EngineError, ExitCode, LibraryError, SwampError } from './errors.ts';

/** An error as it crosses from one process to another. */
export const ErrorData = z.object({
  name: z.string(),
  message: z.string(),
  /** What to do; empty where nothing is known. */
  hint: z.string(),
  exitCode: z.enum(ExitCode),
  /** Of faults that nobody foresaw. */
  stack: z.string().optional(),
});
export type ErrorData = z.infer<typeof ErrorData>;

export function toErrorData(error: unknown): ErrorData {
  if (error instanceof SwampError) {
    const { name, message, hint, exitCode } = error;
    return { name, message, hint, exitCode };
  }
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { name, message, hint: '', exitCode: ExitCode.internal, stack };
}

/** The error at the other end: of the same kind where it is one of ours. */
export function fromErrorData({ name, message, hint, exitCode, stack }: ErrorData): Error {
  switch (name) {
    case ConfigError.name:
      return new ConfigError(message, hint, exitCode);
    case DataError.name:
      return new DataError(message, hint, exitCode);
    case EngineError.name:
      return new EngineError(message, hint);
    case LibraryError.name:
      return new LibraryError(message, hint);
  }
  if (stack === undefined) return Object.assign(new SwampError(message, hint, exitCode), { name });
  return Object.assign(new Error(message), { name, stack });
}
