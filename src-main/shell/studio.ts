import { app, dialog, Menu, nativeTheme, Notification, session, shell, type BrowserWindow } from 'electron';
import { existsSync, mkdirSync } from 'fs';
import { join } from 'path';
import type { LinkState, MenuCommand, ShellEvent } from '../contract/shell.ts';
import { libraryFolder } from '../store/place.ts';
import { hostLog, startHost, type Served } from '../transport/host-process.ts';
import { mayOpen } from './address.ts';
import type { Started } from './arguments.ts';
import type { ShellHandlers } from './bridge.ts';
import { channels } from './channels.ts';
import { Link } from './link.ts';
import { menuOf } from './menu.ts';
import { hostEntry, nodeProgram, pages } from './programs.ts';
import { servePage } from './protocol.ts';
import { mayQuit } from './quit.ts';
import { SettingsFile } from './settings.ts';
import { limitPermissions, openWindow } from './window.ts';

/** The program: one window, its link to the host of one library, and what the system offers both. */
export class Studio {
  readonly #settings: SettingsFile;
  readonly #link: Link;
  readonly #tools = !app.isPackaged;
  #library: string;
  #window: BrowserWindow | null = null;
  /** The host that was started before the page asked for it. */
  #first: Promise<Served> | null;
  #commands: readonly MenuCommand[] = [];
  /** Told when the page is ready for them: it has sent its menu. */
  #pending: ShellEvent[] = [];
  #isReady = false;
  /** Notices of the desktop that may still be clicked. */
  readonly #notices = new Set<Notification>();
  #isShown = false;
  #mayClose = false;
  #asking = false;

  constructor({ file, library }: Started) {
    this.#settings = new SettingsFile(join(app.getPath('userData'), 'settings.json'));
    this.#library = libraryFolder(library ?? this.#settings.current.library ?? undefined);
    this.#link = new Link({
      start: () => this.#start(),
      tell: (link) => this.#linked(link),
      give: (lines) => this.#sendPage(channels.lines, lines),
    });
    // While Electron gets ready the host does, too.
    this.#first = this.#startHost();
    this.#first.catch(() => undefined);
    if (file !== null) this.openFile(file);
  }

  /** Once Electron is ready. */
  show(): void {
    nativeTheme.themeSource = this.#settings.current.theme;
    limitPermissions(session.defaultSession);
    servePage(session.defaultSession, pages(), this.#tools);
    this.#drawMenu();
    this.#isShown = true;
    this.#openWindow();
  }

  /** Brings the window to the front; opens it where it was closed (macOS). */
  focus(): void {
    // Before it is ready Electron opens no window; `show` will.
    if (!this.#isShown) return;
    if (this.#window === null) this.#openWindow();
    else {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.focus();
    }
  }

  /** A run file or an experiment file, of an argument, a second start or the system. */
  openFile(file: string): void {
    this.#tellWhenReady({ type: 'open', file });
  }

  get page(): BrowserWindow['webContents'] | null {
    return this.#window?.webContents ?? null;
  }

  /** The page listens: it has been loaded, for the first time or again. */
  begin(): void {
    this.#link.begin();
  }

  send(line: unknown, taken: () => void): void {
    this.#link.send(line, taken);
  }

  took(): void {
    this.#link.took();
  }

  readonly handlers: ShellHandlers = {
    'shell.info': () => ({
      app: app.getVersion(),
      electron: process.versions.electron ?? '',
      platform: process.platform,
      library: this.#library,
    }),
    'shell.pick': async ({ kind, title, path, extensions = [] }) => {
      const filters = extensions.length > 0 ? [{ name: extensions.join(', '), extensions }] : [];
      const start = path === undefined ? {} : { defaultPath: path };
      const parent = this.#window;
      if (parent === null) return null;
      if (kind === 'save') {
        const { filePath } = await dialog.showSaveDialog(parent, { title, filters, ...start });
        return filePath || null;
      }
      const { filePaths } = await dialog.showOpenDialog(parent, {
        title,
        filters,
        ...start,
        properties: kind === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile'],
      });
      return filePaths[0] ?? null;
    },
    'shell.reveal': (path) => {
      if (!existsSync(path)) throw new Error(`${path} is not there any more.`);
      shell.showItemInFolder(path);
      return null;
    },
    'shell.openExternal': async (address) => {
      if (!mayOpen(address)) throw new Error(`${address} is no address that Swamp Studio opens.`);
      await shell.openExternal(address);
      return null;
    },
    'shell.menu': (commands) => {
      this.#commands = commands;
      this.#drawMenu();
      this.#isReady = true;
      for (const event of this.#pending.splice(0)) this.#tell(event);
      return null;
    },
    'shell.notify': ({ title, body, route }) => {
      if (!Notification.isSupported()) return null;
      const notification = new Notification({ title, body });
      // One that nobody refers to is collected, and its click with it.
      this.#notices.add(notification);
      notification.on('close', () => this.#notices.delete(notification));
      notification.on('click', () => {
        this.#notices.delete(notification);
        this.focus();
        if (route !== undefined) this.#tellWhenReady({ type: 'route', route });
      });
      notification.show();
      return null;
    },
    'shell.recent': (file) => {
      this.#settings.opened(file);
      app.addRecentDocument(file);
      this.#drawMenu();
      return null;
    },
    'shell.openLibrary': async () => {
      const { filePaths } = await dialog.showOpenDialog({
        title: 'Folder of the library',
        defaultPath: this.#library,
        properties: ['openDirectory', 'createDirectory'],
      });
      const [folder] = filePaths;
      if (folder !== undefined) this.#openLibrary(folder);
      return null;
    },
    'shell.retryHost': () => {
      this.#link.retry();
      return null;
    },
    'shell.theme': (theme) => {
      this.#settings.set({ theme });
      nativeTheme.themeSource = theme;
      return null;
    },
  };

  #openWindow(): void {
    const window = openWindow({
      settings: this.#settings,
      tools: this.#tools,
      openOutside: (address) => void shell.openExternal(address),
      gaveUp: (why) => void this.#pageGaveUp(why),
    });
    this.#window = window;
    this.#mayClose = false;
    window.on('close', (event) => {
      if (this.#mayClose) return;
      event.preventDefault();
      void this.#close(window);
    });
    // Another page, or the same anew: it has not sent its menu yet.
    window.webContents.on('did-navigate', () => (this.#isReady = false));
    window.on('closed', () => {
      this.#window = null;
      this.#isReady = false;
      this.#link.end();
    });
  }

  async #close(window: BrowserWindow): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#mayClose = await mayQuit(window, this.#link.served);
    } finally {
      this.#asking = false;
    }
    if (this.#mayClose) window.close();
  }

  #openLibrary(folder: string): void {
    this.#library = folder;
    this.#settings.set({ library: folder });
    // It asks for a connection when it is there again.
    this.#link.end();
    this.#window?.webContents.reload();
  }

  async #start(): Promise<Served> {
    const first = this.#first;
    this.#first = null;
    return await (first ?? this.#startHost());
  }

  async #startHost(): Promise<Served> {
    mkdirSync(this.#library, { recursive: true });
    return await startHost({ node: nodeProgram(), entry: hostEntry(), library: this.#library });
  }

  #linked(link: LinkState): void {
    this.#tell({ type: 'link', link });
    if (link.state === 'failed') void this.#hostGaveUp(link.message);
  }

  async #hostGaveUp(why: string): Promise<void> {
    const { response } = await dialog.showMessageBox({
      type: 'error',
      message: 'The part of Swamp Studio that trains and stores does not run.',
      detail: `${why}\n\nAll that was finished is kept in ${this.#library}, and what was under way goes on from its last checkpoint. The log is ${hostLog(this.#library)}.`,
      buttons: ['Try again', 'Show the log', 'Close'],
      defaultId: 0,
      cancelId: 2,
      noLink: true,
    });
    if (response === 0) this.#link.retry();
    if (response === 1) shell.showItemInFolder(hostLog(this.#library));
  }

  async #pageGaveUp(why: string): Promise<void> {
    const { response } = await dialog.showMessageBox({
      type: 'error',
      message: 'The window has crashed several times.',
      detail: `The system says: ${why}.\n\nNothing is lost: experiments go on without it, and all results are kept in ${this.#library}.`,
      buttons: ['Open it again', 'Quit'],
      defaultId: 0,
      cancelId: 1,
      noLink: true,
    });
    if (response === 0) this.#window?.webContents.reload();
    else app.exit();
  }

  #tellWhenReady(event: ShellEvent): void {
    if (this.#isReady) this.#tell(event);
    else this.#pending.push(event);
  }

  #tell(event: ShellEvent): void {
    this.#sendPage(channels.event, event);
  }

  #sendPage(channel: string, message: unknown): void {
    // While it closes it is there and takes nothing.
    if (this.#window?.isDestroyed() === false) this.#window.webContents.send(channel, message);
  }

  #drawMenu(): void {
    const template = menuOf({
      commands: this.#commands,
      recent: this.#settings.current.recent,
      mac: process.platform === 'darwin',
      tools: this.#tools,
      run: (id) => this.#tell({ type: 'command', id }),
      open: (file) => this.openFile(file),
      forget: () => {
        this.#settings.set({ recent: [] });
        app.clearRecentDocuments();
        this.#drawMenu();
      },
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }
}
