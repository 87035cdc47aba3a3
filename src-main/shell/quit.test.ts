import type { BrowserWindow } from 'electron';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Served } from '../transport/host-process.ts';
import { mayQuit } from './quit.ts';

const { dialog } = vi.hoisted(() => ({ dialog: { showMessageBox: vi.fn(), showErrorBox: vi.fn() } }));
vi.mock('electron', () => ({ dialog }));

const window = {} as BrowserWindow;
const queued = (...names: string[]): string =>
  result({ queue: names.map((experiment) => ({ experiment, phase: 'running' })) });
const result = (output: unknown): string => JSON.stringify({ type: 'result', id: 0, output });

beforeEach(() => void vi.resetAllMocks());

/** A host that says what it is told to say to each call, and what it was asked. */
async function host(says: (method: string) => string | Buffer): Promise<{ served: Served; asked: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-quit-'));
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const line = chunk.toString().trim().split('\n').at(-1) ?? '';
      const { method, input } = JSON.parse(line) as { method: string; input: { experiment?: string } };
      asked.push([method, input.experiment].join(' ').trim());
      const said = says(method);
      if (said.length > 0) socket.write(typeof said === 'string' ? `${said}\n` : said);
    });
  });
  const socket = join(folder, 'host.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { served: { pid: 7, socket }, asked };
}

/** What the dialog said. */
const shown = (): string => {
  const { message, detail } = dialog.showMessageBox.mock.calls[0]?.[1] as Record<string, string>;
  return `${message} ${detail}`;
};

test('where nothing runs the window closes without a question', async () => {
  expect(await mayQuit(window, null)).toBe(true);
  expect(await mayQuit(window, (await host(() => queued())).served)).toBe(true);
  expect(dialog.showMessageBox).not.toHaveBeenCalled();
});

test.each([
  [0, true],
  [1, false],
])('a host that hangs is waited for two seconds, and that is said (button %i)', async (response, closes) => {
  dialog.showMessageBox.mockResolvedValue({ response });
  const started = performance.now();
  expect(await mayQuit(window, (await host(() => '')).served)).toBe(closes);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(shown()).toMatch(/does not answer.*goes on in the background.*is kept.*process 7/);
});

test.each([
  ['no JSON', 'GET / HTTP/1.1'],
  ['a line that never ends', Buffer.alloc(17 * 2 ** 20, 97)],
])('a host that says %s ends nothing, and may run something', async (_, said) => {
  dialog.showMessageBox.mockResolvedValue({ response: 1 });
  expect(await mayQuit(window, (await host(() => said)).served)).toBe(false);
  expect(shown()).toContain('does not answer');
});

test('a host that has ended runs nothing', async () => {
  expect(await mayQuit(window, { pid: 7, socket: join(tmpdir(), 'swamp-nobody.sock') })).toBe(true);
  expect(dialog.showMessageBox).not.toHaveBeenCalled();
});

test('what runs is stopped, the last of the queue first', async () => {
  dialog.showMessageBox.mockResolvedValue({ response: 1 });
  const { served, asked } = await host((method) =>
    method === 'host.info' ? queued('a-1', 'b-2') : result({ state: 'paused' }),
  );
  expect(await mayQuit(window, served)).toBe(true);
  expect(asked).toEqual(['host.info', 'experiments.pause b-2', 'experiments.pause a-1']);
});

test('what cannot be stopped is said, and the window stays', async () => {
  dialog.showMessageBox.mockResolvedValue({ response: 1 });
  const error = { name: 'LibraryError', message: 'the disk is full', hint: '' };
  const { served } = await host((method) =>
    method === 'host.info' ? queued('a-1') : JSON.stringify({ type: 'error', id: 0, error }),
  );
  expect(await mayQuit(window, served)).toBe(false);
  expect(dialog.showErrorBox).toHaveBeenCalledWith(
    expect.stringContaining('could not be stopped'),
    expect.stringMatching(/the disk is full\nIt goes on/),
  );
});
