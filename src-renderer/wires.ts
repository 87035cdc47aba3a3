import type { FromHost } from '../src-main/contract/frames.ts';
import type { ShellBridge } from '../src-main/contract/shell.ts';

/** Carries frames to the host, one line of JSON each, and back; opens again by itself when it broke. */
export interface Wire {
  send(line: string): void;
  onOpen(handler: () => void): void;
  onFrame(handler: (frame: FromHost) => void): void;
  onClose(handler: () => void): void;
}

/** Milliseconds before a broken connection is tried again: the first time, and at most. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/** Over the WebSocket of `swamp serve`, which sent this page. */
export function webSocketWire(address: string): Wire {
  let socket: WebSocket | null = null;
  let wait = FIRST_WAIT_MS;
  let [open, take, close] = [
    (): void => undefined,
    (_frame: FromHost): void => undefined,
    (): void => undefined,
  ];
  const connect = (): void => {
    const made = new WebSocket(address);
    socket = made;
    made.addEventListener('open', () => {
      wait = FIRST_WAIT_MS;
      open();
    });
    made.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as FromHost));
    made.addEventListener('close', () => {
      close();
      setTimeout(connect, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    });
  };
  // Whoever makes it says first what is to be done.
  setTimeout(connect, 0);
  return {
    // On a socket that closes it would only be complained of: whoever waits for the answer is told by the closing.
    send: (line) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(line);
    },
    onOpen: (handler) => (open = handler),
    onFrame: (handler) => (take = handler),
    onClose: (handler) => (close = handler),
  };
}

/** Over Electron's main process, which keeps the connection to the host. */
export function shellWire(shell: ShellBridge): Wire {
  let [open, take, close] = [
    (): void => undefined,
    (_frame: FromHost): void => undefined,
    (): void => undefined,
  ];
  let connected = false;
  shell.onLines((lines) => {
    for (const line of lines) take(JSON.parse(line) as FromHost);
  });
  shell.onEvent((event) => {
    if (event.type !== 'link') return;
    const now = event.link.state === 'connected';
    if (now === connected) return;
    connected = now;
    if (now) open();
    else close();
  });
  return {
    send: (line) => shell.send(line),
    onOpen: (handler) => (open = handler),
    onFrame: (handler) => (take = handler),
    onClose: (handler) => (close = handler),
  };
}
