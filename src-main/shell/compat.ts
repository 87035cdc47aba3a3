import type { IpcMainEvent, IpcMainInvokeEvent, Protocol, WebContents } from 'electron';
import { readFile } from 'fs';

// Electron's newer interfaces where it has them, and what came before them where it has not: the only place that asks.

/** A file that answers a request, with its headers; `null`: there is none. */
export type Answer = {
  readonly path: string;
  readonly type: string;
  readonly headers: Record<string, string>;
} | null;

interface OldProtocol {
  registerBufferProtocol(
    scheme: string,
    handler: (
      request: { url: string },
      answer: (response: {
        statusCode: number;
        mimeType?: string;
        headers?: Record<string, string>;
        data: Buffer;
      }) => void,
    ) => void,
  ): void;
}

/** Serves a scheme of our own. `protocol.handle` came with Electron 25. */
export function serveScheme(protocol: Protocol, scheme: string, find: (url: string) => Answer): void {
  const read = (url: string, use: (data: Buffer, answer: Answer) => void): void => {
    const answer = find(url);
    if (answer === null) use(Buffer.from('There is nothing here.'), null);
    else
      readFile(answer.path, (error, data) => {
        if (error) use(Buffer.from('The file cannot be read.'), null);
        else use(data, answer);
      });
  };
  if (typeof protocol.handle === 'function') {
    protocol.handle(
      scheme,
      ({ url }) =>
        new Promise((resolve) =>
          read(url, (data, answer) =>
            resolve(
              new Response(new Uint8Array(data), {
                status: answer ? 200 : 404,
                headers: { 'Content-Type': answer?.type ?? 'text/plain', ...answer?.headers },
              }),
            ),
          ),
        ),
    );
    return;
  }
  (protocol as unknown as OldProtocol).registerBufferProtocol(scheme, ({ url }, respond) =>
    read(url, (data, answer) =>
      respond({
        statusCode: answer ? 200 : 404,
        // Old Electrons want the type alone.
        mimeType: (answer?.type ?? 'text/plain').split(';')[0] ?? 'text/plain',
        headers: { ...answer?.headers },
        data,
      }),
    ),
  );
}

interface OldContents {
  on(event: 'new-window', listener: (event: { preventDefault(): void }, url: string) => void): void;
  on(event: 'crashed', listener: (event: unknown, killed: boolean) => void): void;
}

/** Opens no window, and tells of what wanted one. `setWindowOpenHandler` came with Electron 12. */
export function denyWindows(contents: WebContents, wanted: (url: string) => void): void {
  if (typeof contents.setWindowOpenHandler === 'function') {
    contents.setWindowOpenHandler(({ url }) => {
      wanted(url);
      return { action: 'deny' };
    });
    return;
  }
  (contents as unknown as OldContents).on('new-window', (event, url) => {
    event.preventDefault();
    wanted(url);
  });
}

/** Tells that the page's process has died. `render-process-gone` came with Electron 10. */
export function onPageGone(contents: WebContents, gone: (why: string) => void): void {
  if (Number(process.versions.electron?.split('.')[0]) >= 10)
    contents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') gone(reason);
    });
  else
    (contents as unknown as OldContents).on('crashed', (_event, killed) =>
      gone(killed ? 'killed' : 'crashed'),
    );
}

/** Address of the frame that sent a message. `senderFrame` came with Electron 12; before, the page stands for it. */
export function senderAddress(event: IpcMainEvent | IpcMainInvokeEvent): string {
  if (!('senderFrame' in event)) return (event as IpcMainEvent).sender.getURL();
  const frame = event.senderFrame;
  // A frame within the page is a stranger.
  return frame && frame === event.sender.mainFrame ? frame.url : '';
}
