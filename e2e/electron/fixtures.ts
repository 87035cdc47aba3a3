import { _electron, test as base, type ElectronApplication, type Page } from '@playwright/test';
import { join } from 'node:path';
import { Studio } from '../app/studio.ts';
import { provideElectron, provideScreen, type TestElectron } from './electron.ts';
import { Screen } from './screen.ts';
import { fillIn } from './visibility.ts';

export { expect } from '@playwright/test';

const root = join(import.meta.dirname, '..', '..');

/** The program on the test's library, as often as it is started. */
export class Desktop {
  readonly studio: Studio;
  readonly #electron: TestElectron;
  readonly #screen: Screen;
  #app: ElectronApplication | null = null;

  constructor(studio: Studio, electron: TestElectron, screen: Screen) {
    this.studio = studio;
    this.#electron = electron;
    this.#screen = screen;
  }

  /** Starts the program. @returns its window. */
  async start(...args: string[]): Promise<Page> {
    const own = [
      root,
      `--user-data-dir=${join(this.studio.folder, 'user')}`,
      '--library',
      this.studio.library,
    ];
    if (process.getuid?.() === 0) own.unshift('--no-sandbox');
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
    this.#app = await _electron.launch({
      executablePath: this.#electron.program,
      args: [...own, ...args],
      env: { ...(env as Record<string, string>), DISPLAY: this.#screen.display },
    });
    return await this.window();
  }

  async window(): Promise<Page> {
    const page = await this.app.firstWindow();
    await page.waitForURL(/#\//);
    if (this.#electron.version < 24) await fillIn(page);
    return page;
  }

  get app(): ElectronApplication {
    if (this.#app === null) throw new Error('the program has not been started');
    return this.#app;
  }

  /** Closes the window as people do. @param answer which button of the question about what runs. */
  async quit(answer?: number): Promise<void> {
    const { app } = this;
    await app.evaluate(({ dialog }, response) => {
      dialog.showMessageBox = () => Promise.resolve({ response: response ?? 2, checkboxChecked: false });
    }, answer);
    const closed = new Promise<void>((resolve) => app.once('close', () => resolve()));
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await closed;
    this.#app = null;
  }

  async close(): Promise<void> {
    const pid = this.#app?.process().pid;
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await this.studio.close();
  }
}

/** A call of the page to main. */
export async function shellCall(page: Page, channel: string, input?: unknown): Promise<unknown> {
  return await page.evaluate(
    ([name, given]) =>
      (
        globalThis as unknown as { swampShell: Record<'call', (...args: unknown[]) => unknown> }
      ).swampShell.call(name, given),
    [channel, input] as const,
  );
}

interface Fixtures {
  readonly studio: Studio;
  readonly desktop: Desktop;
}
interface WorkerFixtures {
  readonly electron: { readonly electron: TestElectron; readonly screen: Screen } | string;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  electron: [
    async ({}, use) => {
      const electron = await provideElectron();
      const lacking = typeof electron === 'string' ? electron : provideScreen(electron);
      if (typeof electron === 'string' || lacking !== null) {
        await use(lacking ?? '');
        return;
      }
      const screen = await Screen.open();
      await use({ electron, screen });
      screen.close();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  studio: async ({}, use) => await use(new Studio()),
  desktop: async ({ electron, studio }, use) => {
    if (typeof electron === 'string') {
      base.skip(true, electron);
      return;
    }
    const desktop = new Desktop(studio, electron.electron, electron.screen);
    await use(desktop);
    await desktop.close();
  },
});
