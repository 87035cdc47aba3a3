import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LibraryError } from '../contract/errors.ts';
import { openLibrary } from '../store/library.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';

/** Another process is the host, and is gone as soon as a command is at work. */
const other = vi.hoisted(() => ({ alive: true, closed: 0 }));

vi.mock('../store/lock.ts', async (original) => ({
  ...(await original<object>()),
  isHeld: () => other.alive,
  holderOf: () => (other.alive ? { pid: 7, host: 'here', since: '', socket: 'a socket' } : null),
}));

vi.mock('../transport/client.ts', () => ({
  attach: () =>
    Promise.resolve({
      call: () => Promise.resolve({ pid: 7 }),
      closed: Promise.resolve(null),
      close: () => (other.closed += 1),
    }),
}));

test('a command whose host dies is not done a second time by itself', async () => {
  const library = mkdtempSync(join(tmpdir(), 'swamp-service-'));
  onTestFinished(() => rmSync(library, { recursive: true, force: true }));
  openLibrary(library, { create: true }).close();
  const hosts: (number | null)[] = [];
  const command = withService({ library }, {} as Output, ({ attachedTo }) => {
    hosts.push(attachedTo);
    other.alive = false;
    return Promise.reject(new LibraryError('the connection to the host is lost', ''));
  });
  await expect(command).rejects.toThrow(/connection to the host is lost/);
  expect(hosts).toEqual([7]);
  expect(other.closed).toBe(1);
});
