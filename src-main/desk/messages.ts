import type { ErrorData } from '../contract/error-data.ts';
import type { DeskTask } from './tasks.ts';

/** What a thread is started with. */
export interface DeskSettings {
  /** The library's folder. */
  readonly library: string;
}

/** How far something is that takes long. */
export interface DeskProgress {
  readonly message: string;
  /** 0 to 1. */
  readonly share: number;
}

export type ToDesk =
  | { readonly type: 'call'; readonly id: number; readonly task: DeskTask; readonly input: unknown }
  /** Nobody waits for this call any more. */
  | { readonly type: 'cancel'; readonly id: number };

export type FromDesk =
  /** JSON: what is passed on to a window is not made twice, and a text crosses threads at no cost. */
  | { readonly type: 'result'; readonly id: number; readonly text: string }
  /** What is not to be copied. */
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'progress'; readonly id: number; readonly progress: DeskProgress }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData };
