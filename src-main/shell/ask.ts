import { connect } from 'net';
import type { Input, Method, Output } from '../contract/api/index.ts';
import type { FromHost, ToHost } from '../contract/frames.ts';
import { PROTOCOL } from '../contract/names.ts';
import { Lines } from '../transport/lines.ts';

/** There is no host any more. */
export class HostGone extends Error {}

/**
 * Asks a host one thing, over a connection of its own.
 * @param patience milliseconds that it has for its answer.
 * @throws HostGone; another Error where it does not answer in time, or what it says is no answer.
 */
export function askHost<M extends Method>(
  socketPath: string,
  method: M,
  input: Input<M>,
  patience: number,
): Promise<Output<M>> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const lines = new Lines();
    const tell = (frame: ToHost): void => void socket.write(`${JSON.stringify(frame)}\n`);
    // Of the whole question: a host that says something else all the time does not answer either.
    const timer = setTimeout(() => socket.destroy(new Error('the host does not answer')), patience);
    socket.on('connect', () => {
      tell({ type: 'hello', protocol: PROTOCOL, app: 'shell' });
      tell({ type: 'call', id: 0, method, input });
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === undefined ? error : new HostGone(error.message)),
    );
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new HostGone('the connection to the host is lost'));
    });
    const take = (frame: FromHost): void => {
      if (frame.type === 'result') resolve(frame.output as Output<M>);
      else if (frame.type === 'error' || frame.type === 'refused') reject(new Error(frame.error.message));
      else return;
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      try {
        for (const line of lines.add(chunk)) take(JSON.parse(line) as FromHost);
      } catch (error) {
        // What a host sends must not end main.
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
