import { existsSync } from 'node:fs';
import { provideBrowser } from './browser.ts';
import { pages } from './studio.ts';

/** Before all specs: the browser is there, and the window is built. */
export default function setup(): void {
  if (!existsSync(pages)) throw new Error('The window is not built: run `npm run build`.');
  provideBrowser();
}
