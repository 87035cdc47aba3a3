import { z } from 'zod';

// Between the window's page and Electron's main process. A browser has none of this: there the page does without.

/** A file or folder that the user is to choose, in the system's own dialog. */
export const PickRequest = z.strictObject({
  kind: z.enum(['file', 'folder', 'save']),
  title: z.string(),
  /** Where it begins; of `save` with the suggested name. */
  path: z.string().optional(),
  /** Extensions without a dot; empty: all files. */
  extensions: z.array(z.string()).default([]),
});
export type PickRequest = z.input<typeof PickRequest>;

/** A command that the menu and the palette share. */
export const MenuCommand = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** Menu it stands in. */
  menu: z.enum(['File', 'Edit', 'Run', 'View', 'Help']),
  /** As Electron writes it: `CmdOrCtrl+N`. */
  accelerator: z.string().optional(),
  enabled: z.boolean(),
});
export type MenuCommand = z.infer<typeof MenuCommand>;

export const Notice = z.strictObject({
  title: z.string(),
  body: z.string(),
  /** Page that a click opens, for example `/run/demo-1a2b`. */
  route: z.string().optional(),
});
export type Notice = z.infer<typeof Notice>;

export const ShellInfo = z.strictObject({
  app: z.string(),
  electron: z.string(),
  platform: z.string(),
  /** Folder of the library that is open. */
  library: z.string(),
});
export type ShellInfo = z.infer<typeof ShellInfo>;

/** How the link to the host is. `lost`: it is being started again; `failed`: it would not start. */
export const LinkState = z.strictObject({
  state: z.enum(['connected', 'lost', 'failed']),
  message: z.string(),
});
export type LinkState = z.infer<typeof LinkState>;

/** Channels from the page to main that are answered. */
export const shellCalls = {
  'shell.info': { input: z.undefined(), output: ShellInfo },
  'shell.pick': { input: PickRequest, output: z.string().nullable() },
  /** Shows a file in its folder. */
  'shell.reveal': { input: z.string(), output: z.null() },
  /** Opens an address that is allowed in the user's browser. */
  'shell.openExternal': { input: z.string(), output: z.null() },
  'shell.menu': { input: z.array(MenuCommand), output: z.null() },
  'shell.notify': { input: Notice, output: z.null() },
  /** Remembers a file among the recent ones. */
  'shell.recent': { input: z.string(), output: z.null() },
  /** Opens another library; asks for its folder. The page loads anew. */
  'shell.openLibrary': { input: z.undefined(), output: z.null() },
  /** Starts the host again after it would not start. */
  'shell.retryHost': { input: z.undefined(), output: z.null() },
  'shell.theme': { input: z.enum(['system', 'light', 'dark']), output: z.null() },
} as const;
export type ShellCall = keyof typeof shellCalls;

/** What main tells the page of itself. */
export const ShellEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('link'), link: LinkState }),
  /** A command was chosen in the menu. */
  z.strictObject({ type: z.literal('command'), id: z.string() }),
  /** A run file or an experiment file is to be opened. */
  z.strictObject({ type: z.literal('open'), file: z.string() }),
  z.strictObject({ type: z.literal('route'), route: z.string() }),
]);
export type ShellEvent = z.infer<typeof ShellEvent>;

/** What the preload puts into the page as `window.swampShell`. */
export interface ShellBridge {
  call<C extends ShellCall>(
    channel: C,
    input: z.input<(typeof shellCalls)[C]['input']>,
  ): Promise<z.output<(typeof shellCalls)[C]['output']>>;
  onEvent(handler: (event: ShellEvent) => void): () => void;
  /** A frame to the host, one line of JSON (frames.ts). */
  send(line: string): void;
  /** Frames from the host, several where they came close together. */
  onLines(handler: (lines: readonly string[]) => void): () => void;
  /** Path of a file that was dropped on the page. */
  pathOf(file: unknown): string;
}
