import { WireClient } from './client.ts';
import { shellWire, webSocketWire } from './wires.ts';

/** Electron's bridge; `null` in a browser. */
export const shell = window.swampShell ?? null;

/** Where a file lies that was dropped or chosen; empty where that is not known, as in a browser. */
export function pathOf(file: File): string {
  // Older Electrons tell it themselves.
  return shell ? shell.pathOf(file) || ((file as { path?: string }).path ?? '') : '';
}

/** The one client of this window. */
export const host = new WireClient(
  shell
    ? shellWire(shell)
    : webSocketWire(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/socket`),
  'window',
);
