import type { ErrorData } from '../../src-main/contract/error-data.ts';
import { HostError } from '../client.ts';
import { inWindow } from './words.ts';

/** An error for people: one sentence, and what to do where that is known, in words of the window. */
export function told(error: unknown): { readonly message: string; readonly hint: string } {
  if (error instanceof HostError || isErrorData(error))
    return { message: inWindow(error.message), hint: inWindow(error.hint) };
  return { message: error instanceof Error ? error.message : String(error), hint: '' };
}

/** As events carry it. */
function isErrorData(error: unknown): error is ErrorData {
  return typeof error === 'object' && error !== null && 'message' in error && 'hint' in error;
}

/** Whether a call was given up because nobody wants its answer any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
