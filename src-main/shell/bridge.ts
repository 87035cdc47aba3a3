import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron';
import type { z } from 'zod';
import { shellCalls, type ShellCall } from '../contract/shell.ts';
import { isPage } from './address.ts';
import { channels } from './channels.ts';
import { senderAddress } from './compat.ts';

/** What main does for the page. */
export type ShellHandlers = {
  readonly [C in ShellCall]: (
    input: z.output<(typeof shellCalls)[C]['input']>,
  ) => z.output<(typeof shellCalls)[C]['output']> | Promise<z.output<(typeof shellCalls)[C]['output']>>;
};

export interface BridgeOptions {
  /** The page of our window; `null` where there is none. */
  readonly page: () => WebContents | null;
  readonly handlers: ShellHandlers;
  /** The page listens. */
  readonly begin: () => void;
  /** A frame for the host. @param taken is called when it has been taken. */
  readonly send: (line: unknown, taken: () => void) => void;
  readonly took: () => void;
}

/** Answers the page of our window, and nobody else. */
export function openBridge({ page, handlers, begin, send, took }: BridgeOptions): void {
  const isOurs = (event: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    event.sender === page() && isPage(senderAddress(event));

  ipcMain.handle(channels.call, async (event, channel: unknown, input: unknown) => {
    if (!isOurs(event)) throw new Error('Only the page of Swamp Studio is answered.');
    if (typeof channel !== 'string' || !Object.prototype.hasOwnProperty.call(shellCalls, channel))
      throw new Error(`The shell knows no call "${String(channel)}".`);
    const parsed = shellCalls[channel as ShellCall].input.safeParse(input);
    if (!parsed.success) throw new Error(`${channel}: ${parsed.error.message}`);
    // The table's type ties each call to its own input; indexing by a union loses the tie.
    return await (handlers[channel as ShellCall] as (input: unknown) => unknown)(parsed.data);
  });

  const on = (channel: string, handle: (value: unknown, event: IpcMainEvent) => void): void => {
    ipcMain.on(channel, (event, value: unknown) => {
      // Nobody waits for an answer here, so a stranger gets none: it is told on a channel of its own.
      if (!isOurs(event)) {
        event.reply(channels.refused, 'Only the page of Swamp Studio is answered.');
        return;
      }
      try {
        handle(value, event);
      } catch (error) {
        // What the page sends is no reason for Electron's dialog of errors in main.
        event.reply(channels.refused, error instanceof Error ? error.message : String(error));
      }
    });
  };
  on(channels.begin, begin);
  on(channels.send, (line, event) =>
    send(line, () => {
      if (!event.sender.isDestroyed()) event.reply(channels.sent);
    }),
  );
  on(channels.took, took);
}
