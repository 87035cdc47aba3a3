import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { toErrorData } from '../contract/error-data.ts';
import { ConfigError } from '../contract/errors.ts';
import type { FromHost } from '../contract/frames.ts';
import { Lines } from '../transport/lines.ts';

/** Bytes that a browser has not taken yet; above, the host is not read from, and gathers what is to be told. */
const WELL_FILLED = 256 * 1024;

/**
 * Carries frames between a window's WebSocket and a host's socket, one message a line. Neither side is read faster than
 * the other takes it, so a slow window is the host's outbox's business and never grows this process. What frames say
 * is checked by the host.
 */
export async function relay(window: WebSocket, connect: () => Promise<Socket>): Promise<void> {
  // What the page sends meanwhile stays in the system's buffers.
  window.pause();
  let socket: Socket;
  try {
    socket = await connect();
  } catch (error) {
    refuse(window, error);
    return;
  }
  if (window.readyState !== window.OPEN) {
    socket.destroy();
    return;
  }
  const lines = new Lines();
  // After that neither side is listened to any more.
  const end = (error: unknown): void => {
    socket.destroy();
    refuse(window, error);
  };
  socket.on('data', (chunk) => {
    try {
      for (const line of lines.add(chunk)) window.send(line, sent);
    } catch (error) {
      end(error);
    }
    if (window.bufferedAmount > WELL_FILLED) socket.pause();
  });
  const sent = (): void => {
    if (socket.isPaused() && window.bufferedAmount <= WELL_FILLED) socket.resume();
  };
  socket.on('error', () => undefined);
  socket.on('close', () => window.close());
  socket.on('drain', () => window.resume());
  window.on('message', (data, isBinary) => {
    if (socket.destroyed) return;
    const line = isBinary ? null : text(data);
    if (line === null || line.includes('\n'))
      end(new ConfigError('a message is not one line of text', 'Reload the page.'));
    else if (!socket.write(`${line}\n`)) window.pause();
  });
  window.on('close', () => socket.destroy());
  window.resume();
}

/** Says why before it ends the connection. */
function refuse(window: WebSocket, error: unknown): void {
  const frame: FromHost = { type: 'refused', error: toErrorData(error) };
  window.send(JSON.stringify(frame));
  window.close();
  window.resume();
}

function text(data: RawData): string {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : data;
  return (bytes instanceof ArrayBuffer ? Buffer.from(bytes) : bytes).toString('utf8');
}
