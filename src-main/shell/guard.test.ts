import type { Protocol, Session, WebContents } from 'electron';
import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { denyWindows, serveScheme } from './compat.ts';
import { pageFile, servePage } from './protocol.ts';
import { guard, limitPermissions } from './window.ts';

// Electron's newer interfaces, which the Electron of the specs may lack, by stand-ins: points 1, 5, 12, 13, 14, 18.

vi.mock('electron', () => ({ protocol: {}, BrowserWindow: class {}, nativeTheme: {}, screen: {} }));

type Opens = (details: { url: string }) => unknown;
type Contents = EventEmitter & { opens?: Opens };

function contents(isNew: boolean): Contents {
  const made: Contents = new EventEmitter();
  if (isNew) Object.assign(made, { setWindowOpenHandler: (handler: Opens) => (made.opens = handler) });
  return made;
}

/** An event that wants to go somewhere. @returns whether it was prevented. */
function prevented(from: Contents, event: string, address: string): boolean {
  const preventDefault = vi.fn();
  from.emit(event, { preventDefault }, address);
  return preventDefault.mock.calls.length === 1;
}

test.each([
  'https://example.com/',
  'file:///etc/passwd',
  'app://other/',
  'app://swamp.evil/',
  'javascript:alert(1)',
  'data:text/html,x',
])('the page does not go to %s, nor opens it (13, 14)', (address) => {
  const outside = vi.fn();
  for (const isNew of [true, false]) {
    const page = contents(isNew);
    guard(page as unknown as WebContents, outside);
    expect(prevented(page, 'will-navigate', address)).toBe(true);
    expect(prevented(page, 'will-redirect', address)).toBe(true);
    if (isNew) expect(page.opens?.({ url: address })).toEqual({ action: 'deny' });
    else expect(prevented(page, 'new-window', address)).toBe(true);
  }
  expect(outside).not.toHaveBeenCalled();
});

test('what the page links to goes to the browser; itself it may load again', () => {
  const outside = vi.fn();
  const page = contents(true);
  guard(page as unknown as WebContents, outside);
  expect(page.opens?.({ url: 'https://doi.org/1' })).toEqual({ action: 'deny' });
  expect(prevented(page, 'will-navigate', 'https://arxiv.org/abs/1')).toBe(true);
  expect(outside.mock.calls).toEqual([['https://doi.org/1'], ['https://arxiv.org/abs/1']]);
  expect(prevented(page, 'will-navigate', 'app://swamp/#/run/a')).toBe(false);
});

test('a webview is not attached (12)', () => {
  const page = contents(true);
  guard(page as unknown as WebContents, () => undefined);
  expect(prevented(page, 'will-attach-webview', '')).toBe(true);
});

test('Electrons that have it are told to open nothing (14)', () => {
  const page = contents(true);
  const wanted = vi.fn();
  denyWindows(page as unknown as WebContents, wanted);
  expect(page.opens?.({ url: 'x' })).toEqual({ action: 'deny' });
  expect(wanted).toHaveBeenCalledWith('x');
});

test('permissions are refused but for copying, and that to others (5)', () => {
  type Ask = (of: unknown, permission: string, answer: (granted: boolean) => void) => void;
  type Check = (of: unknown, permission: string) => boolean;
  let [ask, check]: [Ask, Check] = [() => undefined, () => true];
  limitPermissions({
    setPermissionRequestHandler: (given: Ask) => (ask = given),
    setPermissionCheckHandler: (given: Check) => (check = given),
  } as unknown as Session);
  const [ours, theirs] = ['app://swamp/#/', 'https://example.com/'].map((url) => ({ getURL: () => url }));
  const granted = (of: unknown, permission: string): boolean[] => {
    const answer = vi.fn();
    ask(of, permission, answer);
    return [answer.mock.calls[0]?.[0] as boolean, check(of, permission)];
  };
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'midi',
    'openExternal',
    'clipboard-read',
  ])
    expect(granted(ours, permission), permission).toEqual([false, false]);
  expect(granted(ours, 'clipboard-sanitized-write')).toEqual([true, true]);
  expect(granted(theirs, 'clipboard-sanitized-write')).toEqual([false, false]);
  expect(check(null, 'clipboard-sanitized-write')).toBe(false);
});

/** A built page beside a secret, and links to it. */
function built(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'pages'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'pages', 'index.html'), 'page');
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'pages', 'link.txt'));
  return join(folder, 'pages');
}

test('the scheme gives the files of the page with their policy, and nothing outside (7, 18)', async () => {
  const pages = built();
  let handle: (request: { url: string }) => Promise<Response> = () => Promise.reject(new Error());
  const protocol = { handle: (_: string, given: typeof handle) => (handle = given) };
  serveScheme(protocol as unknown as Protocol, 'app', (url) => pageFile(pages, url));
  const page = await handle({ url: 'app://swamp/?x#/y' });
  expect([page.status, await page.text()]).toEqual([200, 'page']);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  for (const path of ['../secret.txt', '%2e%2e/secret.txt', '..%2fsecret.txt', 'link.txt', '..%5csecret.txt'])
    expect((await handle({ url: `app://swamp/${path}` })).status, path).toBe(404);
  expect((await handle({ url: 'app://other/index.html' })).status).toBe(404);
});

test('the session loads from nowhere else (1)', () => {
  type Decide = (details: { url: string }, answer: (what: { cancel: boolean }) => void) => void;
  for (const tools of [true, false]) {
    let decide: Decide = () => undefined;
    const session = {
      protocol: { handle: () => undefined },
      webRequest: { onBeforeRequest: (given: Decide) => (decide = given) },
    };
    servePage(session as unknown as Session, built(), tools);
    const isCancelled = (url: string): boolean => {
      let cancel = false;
      decide({ url }, (what) => (cancel = what.cancel));
      return cancel;
    };
    const others = [
      'https://example.com/',
      'http://127.0.0.1/',
      'ws://localhost/',
      'wss://x/',
      'file:///etc/passwd',
    ];
    for (const url of [...others, 'ftp://x/', 'app://other/', 'chrome://gpu/'])
      expect(isCancelled(url), url).toBe(true);
    expect(isCancelled('app://swamp/index.html')).toBe(false);
    expect(isCancelled('devtools://devtools/bundled/x.js')).toBe(!tools);
  }
});
