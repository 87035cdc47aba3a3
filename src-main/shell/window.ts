import { BrowserWindow, nativeTheme, screen, type Session, type WebContents } from 'electron';
import { join } from 'path';
import { isPage, mayOpen, PAGE } from './address.ts';
import { restored, SMALLEST } from './bounds.ts';
import { denyWindows, onPageGone } from './compat.ts';
import { root } from './programs.ts';
import type { SettingsFile } from './settings.ts';

/** As the page's own background, so that nothing flashes before it is there. */
const BACKGROUND = { light: '#fbfbfa', dark: '#16181a' };
/** A page that dies so often within a minute is not loaded again by itself. */
const MOST_DEATHS = 3;
const MINUTE_MS = 60_000;
/** Moves and sizes are written when they have come to rest. */
const REST_MS = 500;

export interface WindowOptions {
  readonly settings: SettingsFile;
  readonly tools: boolean;
  readonly openOutside: (address: string) => void;
  /** The page's process has died, and is not started again by itself. */
  readonly gaveUp: (why: string) => void;
}

/** The one window. */
export function openWindow({ settings, tools, openOutside, gaveUp }: WindowOptions): BrowserWindow {
  const { x, y, width, height, maximized } = restored(
    settings.current.bounds,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    width,
    height,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: 'Swamp Studio',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: join(root(), 'out', 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      // Its dictionaries would be fetched from the network.
      spellcheck: false,
      devTools: tools,
      // On by default in Electrons that still had it.
      ...({ enableRemoteModule: false } as object),
    },
  });
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  remember(window, settings);
  guard(window.webContents, openOutside);
  keepPage(window.webContents, gaveUp);
  void window.loadURL(PAGE);
  return window;
}

function remember(window: BrowserWindow, settings: SettingsFile): void {
  let timer: NodeJS.Timeout | null = null;
  const write = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (!window.isDestroyed())
      settings.set({ bounds: { ...window.getNormalBounds(), maximized: window.isMaximized() } });
  };
  const soon = (): void => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(write, REST_MS);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('close', write);
}

/** The page stays where it is, opens nothing, and embeds nothing. */
export function guard(contents: WebContents, openOutside: (address: string) => void): void {
  const stay = (event: { preventDefault(): void }, address: string): void => {
    if (isPage(address)) return;
    event.preventDefault();
    if (mayOpen(address)) openOutside(address);
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  denyWindows(contents, (address) => {
    if (mayOpen(address)) openOutside(address);
  });
}

/** Permissions of the system that the page needs: to copy a table. All others are refused. */
const GRANTED = new Set(['clipboard-sanitized-write', 'clipboard-write']);

export function limitPermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(GRANTED.has(permission) && isPage(contents.getURL()));
  });
  session.setPermissionCheckHandler(
    (contents, permission) => GRANTED.has(permission) && contents !== null && isPage(contents.getURL()),
  );
}

/** A page whose process died is loaded again: the host has all that matters. */
function keepPage(contents: WebContents, gaveUp: (why: string) => void): void {
  let deaths: number[] = [];
  onPageGone(contents, (why) => {
    const now = Date.now();
    deaths = [...deaths.filter((at) => now - at < MINUTE_MS), now];
    // Not within its own event: old Electrons die of that.
    setTimeout(() => {
      if (contents.isDestroyed()) return;
      if (deaths.length > MOST_DEATHS) gaveUp(why);
      else contents.reload();
    }, 0);
  });
}
