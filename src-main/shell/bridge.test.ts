import type { WebContents } from 'electron';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openBridge, type ShellHandlers } from './bridge.ts';
import { channels } from './channels.ts';

type Listener = (event: object, ...values: unknown[]) => unknown;

const { handled, heard } = vi.hoisted(() => ({
  handled: new Map<string, Listener>(),
  heard: new Map<string, Listener>(),
}));
vi.mock('electron', () => ({
  ipcMain: {
    handle: (channel: string, listener: Listener) => handled.set(channel, listener),
    on: (channel: string, listener: Listener) => heard.set(channel, listener),
  },
}));

const mainFrame = { url: 'app://swamp/' };
const contents = { mainFrame };
const send = vi.fn();
const theme = vi.fn(() => null);

/** A message as Electron 12 and later give it. */
function message(
  sender: object,
  senderFrame: object | null,
): { sender: object; senderFrame: object | null; reply: ReturnType<typeof vi.fn> } {
  return { sender, senderFrame, reply: vi.fn() };
}

beforeEach(() => {
  vi.clearAllMocks();
  openBridge({
    page: () => contents as unknown as WebContents,
    handlers: { 'shell.theme': theme } as unknown as ShellHandlers,
    begin: () => undefined,
    send,
    took: () => undefined,
  });
});

const stranger = { mainFrame: { url: 'app://swamp/' } };

describe.each([
  ['another window', message(stranger, stranger.mainFrame)],
  ['a frame within the page', message(contents, { url: 'app://swamp/' })],
  ['a frame that is gone', message(contents, null)],
])('%s', (_, event) => {
  test('gets errors', async () => {
    await expect(handled.get(channels.call)?.(event, 'shell.theme', 'dark')).rejects.toThrow(/Only the page/);
    heard.get(channels.send)?.(event, '{}');
    expect(event.reply).toHaveBeenCalledWith(channels.refused, expect.stringContaining('Only the page'));
    expect(theme).not.toHaveBeenCalled();
    expect(send).not.toHaveBeenCalled();
  });
});

test('our page is answered; away from its address it is not', async () => {
  await handled.get(channels.call)?.(message(contents, mainFrame), 'shell.theme', 'dark');
  expect(theme).toHaveBeenCalledWith('dark');
  mainFrame.url = 'https://evil.example/';
  const asked = handled.get(channels.call)?.(message(contents, mainFrame), 'shell.theme', 'dark');
  mainFrame.url = 'app://swamp/';
  await expect(asked).rejects.toThrow(/Only the page/);
});

test('the page is told when what it sent has been taken, if it is still there', () => {
  send.mockImplementation((_line: unknown, taken: () => void) => taken());
  const sender = { ...contents, isDestroyed: () => false };
  openBridge({
    page: () => sender as unknown as WebContents,
    handlers: {} as ShellHandlers,
    begin: () => undefined,
    send,
    took: () => undefined,
  });
  const event = message(sender, mainFrame);
  heard.get(channels.send)?.(event, '{}');
  expect(event.reply).toHaveBeenCalledExactlyOnceWith(channels.sent);
  sender.isDestroyed = () => true;
  heard.get(channels.send)?.(event, '{}');
  expect(event.reply).toHaveBeenCalledOnce();
});

test('what does not fit is refused, and throws nothing in main', () => {
  send.mockImplementationOnce(() => {
    throw new Error('a frame is one line of text');
  });
  const event = message(contents, mainFrame);
  heard.get(channels.send)?.(event, 5);
  expect(event.reply).toHaveBeenCalledWith(channels.refused, 'a frame is one line of text');
});
