import { _electron, test as base, type ElectronApplication, type Page } from '@playwright/test';
import { join } from 'node:path';
import { present, Studio } from '../app/studio.ts';
import { isAlive } from '../cli.ts';
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

  /** What a user's start of the program is, in words of a command line. */
  startCommand(...args: string[]): { command: string[]; env: Record<string, string> } {
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
    const isRoot = process.getuid?.() === 0;
    const own = [
      root,
      `--user-data-dir=${join(this.studio.folder, 'user')}`,
      '--library',
      this.studio.library,
    ];
    return {
      command: [this.#electron.program, ...(isRoot ? ['--no-sandbox'] : []), ...own, ...args],
      env: { ...(env as Record<string, string>), DISPLAY: this.#screen.display },
    };
  }

  /** Starts the program. @returns its window. */
  async start(...args: string[]): Promise<Page> {
    const { command, env } = this.startCommand(...args);
    const [executablePath = '', ...rest] = command;
    this.#app = await _electron.launch({ executablePath, args: rest, env });
    const page = await this.#app.firstWindow();
    await page.waitForURL(/#\//);
    if (this.#electron.version < 24) await fillIn(page);
    return page;
  }

  get app(): ElectronApplication {
    if (this.#app === null) throw new Error('the program has not been started');
    return this.#app;
  }

  /** What an expression is in the page, whatever became of the page that Playwright knows. */
  async inPage(expression: string): Promise<unknown> {
    return await this.app.evaluate(
      ({ BrowserWindow }, text) =>
        // What a page is asked that dies meanwhile is never answered.
        Promise.race([
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(text) as Promise<unknown>,
          new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 2000)),
        ]),
      expression,
    );
  }

  /** Process of the page; 0 while there is none. */
  async rendererPid(): Promise<number> {
    return await this.app.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
    );
  }

  /** The same once there is one. */
  async renderer(): Promise<number> {
    return await present(() => this.rendererPid());
  }

  /** Closes the window as people do, and it closes. @param answer the button of the question about what runs. */
  async quit(answer?: string): Promise<void> {
    const closed = new Promise<void>((resolve) => this.app.once('close', () => resolve()));
    await this.#closeWindow(answer);
    await closed;
    this.#app = null;
  }

  /** Closes the window, and it asks. @returns what it asks. */
  async tryToQuit(answer: string): Promise<string> {
    await this.#closeWindow(answer);
    for (;;) {
      const asked = await this.app.evaluate(() => (globalThis as { asked?: string }).asked);
      if (asked !== undefined) return asked;
    }
  }

  async #closeWindow(answer: string | undefined): Promise<void> {
    await this.answerDialogs(answer);
    await this.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  }

  /** Answers the system's dialogs from now on. @param button of each; absent: none that there is. */
  async answerDialogs(button: string | undefined): Promise<void> {
    await this.app.evaluate(({ dialog }, wanted) => {
      const answered = (...given: unknown[]): unknown => {
        const { message, detail, buttons = [] } = given[given.length - 1] as Electron.MessageBoxOptions;
        Object.assign(globalThis, { asked: message, explained: detail });
        return Promise.resolve({ response: buttons.indexOf(wanted ?? ''), checkboxChecked: false });
      };
      dialog.showMessageBox = answered as typeof dialog.showMessageBox;
    }, button);
  }

  /** What the last dialog said, with what it explains; empty where there was none. */
  async dialogText(): Promise<string> {
    return await this.app.evaluate(() => {
      const { asked = '', explained = '' } = globalThis as { asked?: string; explained?: string };
      return `${asked} ${explained}`.trim();
    });
  }

  async close(): Promise<void> {
    const pid = this.#app?.process().pid;
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
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
