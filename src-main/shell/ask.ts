import { connect } from 'net';
import type { Input, Method, Output } from '../contract/api/index.ts';
import type { FromHost, ToHost } from '../contract/frames.ts';
import { PROTOCOL } from '../contract/names.ts';
import { Lines } from '../transport/lines.ts';

/** One that does not answer is not waited for. */
const ANSWER_MS = 60_000;

/** Asks a host one thing, over a connection of its own. @throws Error where no answer comes. */
export function askHost<M extends Method>(
  socketPath: string,
  method: M,
  input: Input<M>,
): Promise<Output<M>> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const lines = new Lines();
    const tell = (frame: ToHost): void => void socket.write(`${JSON.stringify(frame)}\n`);
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('the host does not answer')));
    socket.on('connect', () => {
      tell({ type: 'hello', protocol: PROTOCOL, app: 'shell' });
      tell({ type: 'call', id: 0, method, input });
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection to the host is lost')));
    socket.on('data', (chunk) => {
      for (const line of lines.add(chunk)) {
        const frame = JSON.parse(line) as FromHost;
        if (frame.type === 'result') resolve(frame.output as Output<M>);
        else if (frame.type === 'error' || frame.type === 'refused') reject(new Error(frame.error.message));
        else continue;
        socket.end();
      }
    });
  });
}
