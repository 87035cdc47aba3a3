import { existsSync } from 'node:fs';
import type { FullConfig } from '@playwright/test';
import { provideElectron, provideScreen } from '../electron/electron.ts';
import { provideBrowser } from './browser.ts';
import { pages } from './studio.ts';

/**
 * Before all specs: the window is built, and browser, Electron and its screen are there. Here rather than where they
 * are used, as several processes must not install packages at a time. What Electron lacks its specs say.
 */
export default async function setup({ projects }: FullConfig): Promise<void> {
  if (!existsSync(pages)) throw new Error('The window is not built: run `npm run build`.');
  provideBrowser();
  if (!projects.some(({ name }) => name === 'electron')) return;
  const electron = await provideElectron();
  if (typeof electron !== 'string') provideScreen(electron);
}
