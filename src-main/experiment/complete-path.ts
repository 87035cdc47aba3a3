import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** Most that is proposed. */
const MOST = 50;

export interface Completion {
  readonly entries: { path: string; folder: boolean }[];
  /** Whether the text names something that is there. */
  readonly exists: boolean;
}

/**
 * What a path that is being typed may become: what is in its folder and begins as its last part does, folders first.
 * Hidden ones only where a dot was typed. A folder that is not there or cannot be read has nothing to propose.
 */
export async function completePath(text: string, foldersOnly: boolean): Promise<Completion> {
  if (text === '') return { entries: [{ path: '~/', folder: true }], exists: false };
  const full = text === '~' || text.startsWith('~/') ? join(homedir(), text.slice(1)) : text;
  // What a relative path is relative to is not known here.
  if (!isAbsolute(full)) return { entries: [], exists: false };
  const exists = await stat(full).then(
    () => true,
    () => false,
  );
  if (text === '~') return { entries: [{ path: '~/', folder: true }], exists };
  const typed = full.endsWith('/') || full.endsWith('\\') ? '' : basename(full);
  const folder = typed === '' ? full : dirname(full);
  const shown = text.slice(0, text.length - typed.length);
  const names = await readdir(folder).catch((): string[] => []);
  const begins = names
    .filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()))
    .filter((name) => typed.startsWith('.') || !name.startsWith('.'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const entries: Completion['entries'] = [];
  // Those that fit are looked at one by one until there are enough: a folder may hold a million files.
  for (const name of begins.slice(0, 20 * MOST)) {
    const isFolder = await stat(join(folder, name)).then(
      (found) => found.isDirectory(),
      () => null,
    );
    if (isFolder === null || (foldersOnly && !isFolder)) continue;
    entries.push({ path: `${shown}${name}${isFolder ? '/' : ''}`, folder: isFolder });
    if (entries.length === MOST) break;
  }
  return { entries: entries.sort((a, b) => Number(b.folder) - Number(a.folder)), exists };
}
