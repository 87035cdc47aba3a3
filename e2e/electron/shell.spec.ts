import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, shellCall, test } from './fixtures.ts';
import { quickExperiment } from '../app/studio.ts';

/** Long enough to be interrupted. */
const long = { ...quickExperiment, name: 'long', recipe: { epochs: 60, batch: 64 } };

interface Listed {
  readonly experiments: readonly { readonly id: string; readonly state: string }[];
}

test('the window opens, reaches its host, has its menu, and remembers where it was', async ({
  desktop,
  studio,
}) => {
  const page = await desktop.start();
  expect(await shellCall(page, 'shell.info')).toMatchObject({ library: studio.library });
  await studio.host();
  await expect(page).toHaveURL(/experiments/);
  // The page's own commands are in the menu, and a click there does what the page does.
  const labels = await desktop.app.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()?.items.map(({ label }) => label),
  );
  expect(labels).toEqual(expect.arrayContaining(['File', 'Edit', 'View']));
  await desktop.app.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('go.settings')?.click();
  });
  await expect(page).toHaveURL(/settings/);
  await desktop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 50, width: 1000, height: 700 }),
  );
  await desktop.quit();
  await desktop.start();
  const bounds = await desktop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.getBounds(),
  );
  expect(bounds).toMatchObject({ width: 1000, height: 700 });
});

test('a second start opens its file in the window that is there', async ({ desktop, studio }) => {
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();
  const file = studio.write('of a colleague.json', { ...quickExperiment, name: 'handed over' });
  const { command, env } = desktop.startCommand(file);
  const second = spawn(command[0] ?? '', command.slice(1), { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => second.on('exit', resolve));
  await expect(page).toHaveURL(/#\/new/);
  await expect(page.getByRole('textbox', { name: 'name', exact: true })).toHaveValue('handed over');
  await ended;
  expect(await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('what runs is left running, stopped and saved, or stayed with, as one says', async ({
  desktop,
  studio,
}) => {
  const states = async (): Promise<string[]> =>
    (await studio.json<Listed>('list')).experiments.map(({ state }) => state);
  await studio.swamp('run', studio.write('long.json', long), '--detach');
  // What runs is known once the host has answered; a window that closes before that asks nothing.
  const shown = async (): Promise<void> => {
    const page = await desktop.start();
    await expect(page.getByText(/^long/).first()).toBeVisible();
  };
  await shown();
  expect(await desktop.tryToQuit('Stay')).toMatch(/long-\w+ is not finished/);
  expect(await states()).toEqual(['running']);
  await desktop.quit('Leave it running in the background');
  expect(await states()).toEqual(['running']);
  await shown();
  await desktop.quit('Stop and save');
  expect(await states()).toEqual(['paused']);
});

test('a page whose process is killed, and a host that is killed, are there again', async ({
  desktop,
  studio,
}) => {
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();
  const host = await studio.host();
  process.kill(host, 'SIGKILL');
  await expect.poll(() => studio.hostPid ?? host).not.toBe(host);
  await expect.poll(() => desktop.inPage('document.querySelectorAll("nav a").length')).toBeGreaterThan(3);
  const renderer = await desktop.renderer();
  process.kill(renderer, 'SIGKILL');
  await expect.poll(async () => [0, renderer].includes(await desktop.rendererPid())).toBe(false);
  await expect.poll(() => desktop.inPage('document.querySelectorAll("nav a").length')).toBeGreaterThan(3);
});

test('the desktop is told of a long run that ends while nobody looks, and a click opens its page', async ({
  desktop,
  studio,
}) => {
  const page = await desktop.start();
  await desktop.app.evaluate(({ Notification }) => {
    Notification.isSupported = () => true;
    Notification.prototype.show = function () {
      Object.assign(globalThis, { notice: this });
    };
  });
  // An hour passes in some seconds, and the window is behind another.
  await page.evaluate(`{
    const now = performance.now.bind(performance);
    performance.now = () => 1000 * now();
    document.hasFocus = () => false;
  }`);
  await studio.swamp('run', studio.write('quick.json', quickExperiment), '--detach');
  const title = (): Promise<string> =>
    desktop.app.evaluate(() => (globalThis as { notice?: { title: string } }).notice?.title ?? '');
  await expect.poll(title, { timeout: 90_000 }).toMatch(/^quick-\w+ is done$/);
  await desktop.app.evaluate(() => {
    (globalThis as unknown as { notice: { emit(event: string): void } }).notice.emit('click');
  });
  await expect(page).toHaveURL(/#\/run\/quick-/);
});

test('a host that hangs does not keep the window, which says so', async ({ desktop, studio }) => {
  test.skip(process.platform !== 'linux', 'a host is stopped and looked at as on Linux');
  const page = await desktop.start();
  // The host has answered.
  await expect(page.getByText('Nothing has run yet')).toBeVisible();
  const host = await studio.host();
  // It goes on in any case, or nobody could end it.
  const goOn = setTimeout(() => process.kill(host, 'SIGCONT'), 60_000);
  process.kill(host, 'SIGSTOP');
  expect(await desktop.tryToQuit('Stay')).toMatch(/does not answer/);
  expect(await desktop.dialogText()).toMatch(/goes on in the background.*is kept/);
  const program = desktop.app.process();
  const ended = new Promise((resolve) => program.once('exit', resolve));
  // Playwright waits for the host, too.
  const closed = desktop.quit('Close the window');
  await ended;
  expect(readFileSync(`/proc/${host}/stat`, 'utf8')).toMatch(/\) T /);
  clearTimeout(goOn);
  process.kill(host, 'SIGCONT');
  await closed;
});

test('dialogs about what has crashed say what is kept', async ({ desktop, studio }) => {
  // A library that cannot be: its host never starts.
  writeFileSync(studio.library, '');
  await desktop.start();
  await desktop.answerDialogs('Close');
  await desktop.inPage(`void window.swampShell.call('shell.retryHost')`);
  await expect
    .poll(() => desktop.dialogText(), { timeout: 30_000 })
    .toMatch(/does not run.*All that was finished is kept in .*The log is /s);
  await desktop.answerDialogs('Open it again');
  for (let death = 0; death < 4; death++) {
    await expect.poll(() => desktop.inPage('document.readyState')).toBe('complete');
    const pid = await desktop.renderer();
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => desktop.rendererPid()).not.toBe(pid);
  }
  await expect
    .poll(() => desktop.dialogText())
    .toMatch(/crashed several times.*Nothing is lost.*all results are kept in /s);
  // And it is opened again.
  await expect.poll(() => desktop.inPage('document.querySelectorAll("nav a").length')).toBeGreaterThan(3);
});

test('settings that are damaged, and a place on a screen that is gone, cost nothing', async ({
  desktop,
  studio,
}) => {
  const settings = join(studio.folder, 'user', 'settings.json');
  await desktop.start();
  await desktop.quit();
  writeFileSync(
    settings,
    '{"theme": "dark", "bounds": {"x": 90000, "y": -5000, "width": 900, "height": 600}}',
  );
  await desktop.start();
  const seen = await desktop.app.evaluate(({ BrowserWindow, screen }) => {
    const bounds = BrowserWindow.getAllWindows()[0]?.getBounds();
    return screen
      .getAllDisplays()
      .some(({ workArea: { x, y, width, height } }) =>
        bounds ? bounds.x < x + width && bounds.y < y + height && bounds.y >= y : false,
      );
  });
  expect(seen).toBe(true);
  await desktop.quit();
  writeFileSync(settings, '{"theme": "da');
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();
});
