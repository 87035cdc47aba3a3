import { spawn } from 'node:child_process';
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
  expect(studio.hostPid).not.toBeNull();
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
  await desktop.start();
  expect(await desktop.tryToQuit('Stay')).toMatch(/long-\w+ is not finished/);
  expect(await states()).toEqual(['running']);
  await desktop.quit('Leave it running in the background');
  expect(await states()).toEqual(['running']);
  await desktop.start();
  await desktop.quit('Stop and save');
  expect(await states()).toEqual(['paused']);
});

test('a page whose process is killed, and a host that is killed, are there again', async ({
  desktop,
  studio,
}) => {
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();
  const host = studio.hostPid ?? 0;
  process.kill(host, 'SIGKILL');
  await expect.poll(() => studio.hostPid ?? host).not.toBe(host);
  await expect.poll(() => desktop.inPage('document.querySelectorAll("nav a").length')).toBeGreaterThan(3);
  const renderer = await desktop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  process.kill(renderer ?? 0, 'SIGKILL');
  await expect
    .poll(() =>
      desktop.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
      ),
    )
    .not.toBe(renderer);
  await expect.poll(() => desktop.inPage('document.querySelectorAll("nav a").length')).toBeGreaterThan(3);
});
