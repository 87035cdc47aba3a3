import { WireClient } from './client.ts';
import { shellWire, webSocketWire } from './wires.ts';

/** Electron's bridge; `null` in a browser. */
export const shell = window.swampShell ?? null;

/** The one client of this window. */
export const host = new WireClient(
  shell
    ? shellWire(shell)
    : webSocketWire(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/socket`),
  'window',
);
