import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { ShellBridge, ShellEvent } from './contract/shell.ts';
import { channels } from './shell/channels.ts';
import { Outgoing } from './shell/outgoing.ts';

// Runs before the page, in a sandbox: gives it functions, never Electron's own objects.

type LinesHandler = (lines: readonly string[]) => void;

/** Adds a handler to a set. @returns takes it out again. */
function add<T>(handlers: Set<T>, handler: T): () => void {
  handlers.add(handler);
  return () => void handlers.delete(handler);
}

const onLines = new Set<LinesHandler>();
const outgoing = new Outgoing((line) => ipcRenderer.send(channels.send, line));
const onEvent = new Set<(event: ShellEvent) => void>();

ipcRenderer.on(channels.lines, (_event, lines: readonly string[]) => {
  try {
    for (const handler of [...onLines]) handler(lines);
  } finally {
    ipcRenderer.send(channels.took);
  }
});
ipcRenderer.on(channels.sent, () => outgoing.taken());
ipcRenderer.on(channels.event, (_event, event: ShellEvent) => {
  if (event.type === 'link') outgoing.forget();
  for (const handler of [...onEvent]) handler(event);
});

const bridge: ShellBridge = {
  call: (channel, input) => ipcRenderer.invoke(channels.call, channel, input) as never,
  onEvent: (handler) => add(onEvent, handler),
  send: (line) => outgoing.add(line),
  onLines: (handler) => {
    // Who makes the link listens to its events in the same breath.
    if (onLines.size === 0) setTimeout(() => ipcRenderer.send(channels.begin), 0);
    return add(onLines, handler);
  },
  // Before Electron 32 files carried their paths themselves, in the page's own world.
  pathOf: (file) => ((webUtils as typeof webUtils | undefined) ? webUtils.getPathForFile(file as File) : ''),
};
contextBridge.exposeInMainWorld('swampShell', bridge);
