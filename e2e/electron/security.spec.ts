import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expect, shellCall, test } from './fixtures.ts';

// The points of Electron's security checklist that a running window can show; docs/security.md has all of them.

/** What becomes of an expression in the page: its value, or the error's message. */
async function attempt(page: Page, expression: string): Promise<unknown> {
  return await page.evaluate(
    // The page's own eval is forbidden; this one is the debugger's.
    `(async () => { try { return await (${expression}); } catch (error) { return String(error); } })()`,
  );
}

test('the page has the rights of a web page, and fewer', async ({ desktop, studio }) => {
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();

  await test.step('no Node, no Electron, a world of its own, a sandbox, nothing experimental (2, 3, 4, 6, 8, 9, 10, 11, 20)', async () => {
    const found = await attempt(
      page,
      `[typeof require, typeof process, typeof module, typeof Buffer, Object.keys(window.swampShell).sort().join()]`,
    );
    const functions = 'call,onEvent,onLines,pathOf,send';
    expect(found).toEqual(['undefined', 'undefined', 'undefined', 'undefined', functions]);
    const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      const {
        contextIsolation,
        sandbox,
        nodeIntegration,
        webSecurity,
        webviewTag,
        allowRunningInsecureContent,
        nodeIntegrationInWorker,
        nodeIntegrationInSubFrames,
        experimentalFeatures,
        enableBlinkFeatures,
      } = contents.getLastWebPreferences();
      return {
        contextIsolation,
        sandbox,
        nodeIntegration,
        webSecurity,
        webviewTag,
        allowRunningInsecureContent,
        nodeIntegrationInWorker,
        nodeIntegrationInSubFrames,
        // Absent is off.
        experimental: Boolean(experimentalFeatures) || Boolean(enableBlinkFeatures),
      };
    });
    expect(preferences).toEqual({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      experimental: false,
    });
  });

  await test.step('nothing is loaded from elsewhere (1)', async () => {
    expect(await attempt(page, `fetch('https://example.com/')`)).toMatch(/TypeError/);
    expect(await attempt(page, `fetch('http://127.0.0.1:1/')`)).toMatch(/TypeError/);
    const picture = `new Promise((done) => {
      const image = new Image();
      image.onload = () => done('loaded');
      image.onerror = () => done('refused');
      image.src = 'https://example.com/a.png';
    })`;
    expect(await attempt(page, picture)).toBe('refused');
  });

  await test.step('and the session itself loads nothing either, whatever a page is allowed (1)', async () => {
    const server = createServer((_, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const became = await desktop.app.evaluate(async ({ BrowserWindow }, address) => {
      // No page of ours, so no policy of ours: only the session stands between.
      const other = new BrowserWindow({ show: false });
      const loaded = await other.loadURL(address).then(
        () => 'loaded',
        (error: Error) => error.message,
      );
      other.destroy();
      return loaded;
    }, `http://127.0.0.1:${port}/`);
    server.close();
    expect(became).toContain('ERR_BLOCKED_BY_CLIENT');
  });

  await test.step('no code that was not built, no style sheets made by scripts (7)', async () => {
    const policy = await attempt(
      page,
      `fetch('app://swamp/').then((answer) => answer.headers.get('content-security-policy'))`,
    );
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    const inline = `new Promise((done) => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => done(violatedDirective), { once: true });
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.head.append(script);
    })`;
    expect(await attempt(page, inline)).toMatch(/^script-src/);
    const evaluated = `new Promise((done) => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => done(violatedDirective), { once: true });
      setTimeout('window.ran = true', 0);
    })`;
    expect(await attempt(page, evaluated)).toMatch(/^script-src/);
    expect(await attempt(page, 'window.ran')).toBeUndefined();
  });

  await test.step('permissions are refused, but for copying (5)', async () => {
    expect(await attempt(page, `Notification.requestPermission()`)).toBe('denied');
    expect(await attempt(page, `navigator.mediaDevices.getUserMedia({ audio: true })`)).toMatch(
      /NotAllowed|NotFound|Permission/,
    );
  });

  await test.step('only some addresses are opened outside (15)', async () => {
    await desktop.app.evaluate(({ shell }) => {
      shell.openExternal = (address) => {
        ((globalThis as { opened?: string[] }).opened ??= []).push(address);
        return Promise.resolve();
      };
    });
    for (const address of [
      'file:///etc/passwd',
      'javascript:alert(1)',
      'http://arxiv.org/',
      'https://evil.example/',
      'smb://arxiv.org/',
    ])
      await expect(shellCall(page, 'shell.openExternal', address)).rejects.toThrow(
        /no address that Swamp Studio opens/,
      );
    await shellCall(page, 'shell.openExternal', 'https://arxiv.org/abs/2305.14852');
    const opened = await desktop.app.evaluate(() => (globalThis as { opened?: string[] }).opened);
    expect(opened).toEqual(['https://arxiv.org/abs/2305.14852']);
  });

  await test.step('files outside the page are not there (18)', async () => {
    for (const path of [
      '../main/main.cjs',
      '%2e%2e/main/main.cjs',
      '..%2f..%2fpackage.json',
      'nothing',
      'assets',
    ])
      expect(await attempt(page, `fetch('app://swamp/${path}').then(({ status }) => status)`)).toBe(404);
    expect(await attempt(page, `fetch('app://other/index.html').then(({ status }) => status)`)).toMatch(
      /TypeError|404/,
    );
  });

  await test.step('calls that do not fit are answered with an error', async () => {
    await expect(shellCall(page, 'shell.nonsense')).rejects.toThrow(/knows no call/);
    await expect(shellCall(page, 'shell.theme', 'pink')).rejects.toThrow(/shell.theme/);
    await expect(shellCall(page, 'constructor')).rejects.toThrow(/knows no call/);
  });

  await test.step('the page opens no window; what it may open goes to the browser (14)', async () => {
    // Not awaited, here and below: Electron and Playwright would wait for what does not come.
    await desktop.app.evaluate(({ BrowserWindow }) => {
      void BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
        `void setTimeout(() => window.open('https://doi.org/'), 0)`,
      );
    });
    const opened = (): Promise<string[]> =>
      desktop.app.evaluate(() => (globalThis as { opened?: string[] }).opened ?? []);
    await expect.poll(opened).toEqual(['https://arxiv.org/abs/2305.14852', 'https://doi.org/']);
    expect(await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });
  await expect.poll(() => studio.hostPid).not.toBeNull();
});

test('the page stays where it is (13)', async ({ desktop }) => {
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();
  await desktop.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const tried: string[] = ((globalThis as { tried?: string[] }).tried = []);
    // After our own: what it has made of it.
    contents?.on('will-navigate', ({ defaultPrevented }, address) =>
      tried.push(`${address} ${defaultPrevented ? 'prevented' : 'let through'}`),
    );
    void contents?.executeJavaScript(`
      location.href = 'https://example.com/';
      void setTimeout(() => (location.href = 'file:///etc/passwd'), 100);`);
  });
  const tried = (): Promise<string[]> =>
    desktop.app.evaluate(() => (globalThis as { tried?: string[] }).tried ?? []);
  await expect.poll(tried).toContain('https://example.com/ prevented');
  const addresses = await desktop.app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((contents) => contents.getURL()),
  );
  expect(addresses).toEqual([expect.stringMatching(/^app:\/\/swamp\//)]);
});

test('a page that is not ours gets errors, from every channel (17)', async ({ desktop }) => {
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();
  const heard = await desktop.app.evaluate(async ({ BrowserWindow }) => {
    // With Node, so that it can send whatever it likes: what a hole in our own page would give an attacker.
    const stranger = new BrowserWindow({
      show: false,
      webPreferences: { nodeIntegration: true, contextIsolation: false, sandbox: false },
    });
    await stranger.loadURL('about:blank');
    return (await stranger.webContents.executeJavaScript(`(async () => {
      const { ipcRenderer } = require('electron');
      const call = await ipcRenderer.invoke('swamp:call', 'shell.info').catch(String);
      const told = [];
      for (const channel of ['swamp:begin', 'swamp:send', 'swamp:took']) {
        const answer = new Promise((done) => ipcRenderer.once('swamp:refused', (_, why) => done(why)));
        ipcRenderer.send(channel, '{}');
        told.push(await answer);
      }
      return [call, ...told];
    })()`)) as string[];
  });
  expect(heard).toHaveLength(4);
  for (const answer of heard) expect(answer).toContain('Only the page of Swamp Studio is answered.');
});
