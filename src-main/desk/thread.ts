import type { MessagePort } from 'node:worker_threads';
import { toErrorData } from '../contract/error-data.ts';
import { openLibrary, type Library } from '../store/library.ts';
import type { DeskContext } from './context.ts';
import { handlerOf, loadTopics } from './handlers.ts';
import type { DeskProgress, DeskSettings, FromDesk, ToDesk } from './messages.ts';

/** After its first answer a thread loads what others will need, when those that came with it are answered. */
const WARM_AFTER_MS = 300;

type Call = Extract<ToDesk, { type: 'call' }>;

/** Serves the thread's host until it ends the thread. */
export function serveDesk(port: MessagePort, settings: DeskSettings): void {
  const waiting: Call[] = [];
  const cancels = new Map<number, AbortController>();
  const context = contextOf(settings);
  let warm = false;

  port.on('message', (message: ToDesk) => {
    switch (message.type) {
      case 'call':
        cancels.set(message.id, new AbortController());
        waiting.push(message);
        // After all messages that are there: what was cancelled meanwhile is not begun.
        setImmediate(next);
        break;
      case 'cancel':
        cancels.get(message.id)?.abort();
        break;
    }
  });

  function next(): void {
    const call = waiting.shift();
    if (call) void answer(call);
  }

  async function answer({ id, task, input }: Call): Promise<void> {
    const { signal } = cancels.get(id) ?? new AbortController();
    let message: FromDesk;
    try {
      signal.throwIfAborted();
      const handler = await handlerOf(task);
      const report = (progress: DeskProgress): void => send({ type: 'progress', id, progress });
      const output = await handler(input as never, context, signal, report);
      message =
        output instanceof Uint8Array
          ? { type: 'bytes', id, bytes: movable(output) }
          : { type: 'result', id, text: JSON.stringify(output) };
    } catch (error) {
      message = { type: 'error', id, error: toErrorData(error) };
    }
    cancels.delete(id);
    if (!warm) setTimeout(() => void loadTopics(), WARM_AFTER_MS);
    warm = true;
    if (!signal.aborted) send(message);
  }

  function send(message: FromDesk): void {
    port.postMessage(message, message.type === 'bytes' ? [message.bytes.buffer] : []);
  }
}

/** In memory that is nobody else's: small buffers share theirs. */
function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) return new Uint8Array(buffer);
  return new Uint8Array(bytes);
}

/** The library is opened by what needs it first. */
function contextOf({ library: folder }: DeskSettings): DeskContext {
  let library: Library | null = null;
  return {
    get library() {
      library ??= openLibrary(folder, { readOnly: true, held: true });
      return library;
    },
  };
}
