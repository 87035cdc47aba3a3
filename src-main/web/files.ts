import { realpathSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

/** What the page consists of. */
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** A file that may be sent. */
export interface Found {
  readonly path: string;
  readonly bytes: number;
  /** MIME type; of a kind that the page has none of, bytes. */
  readonly type: string;
}

/**
 * The file that an address names below a folder; `null` where it names none, or one outside: links are followed before
 * that is looked at.
 */
export function findBelow(folder: string, address: string): Found | null {
  let name: string;
  try {
    name = decodeURIComponent(address);
  } catch {
    return null;
  }
  if (name.includes('\0') || name.includes('\\')) return null;
  try {
    const root = realpathSync(folder);
    const path = realpathSync(join(root, name));
    if (!path.startsWith(root + sep)) return null;
    const file = statSync(path);
    if (!file.isFile()) return null;
    return { path, bytes: file.size, type: TYPES[extname(path)] ?? 'application/octet-stream' };
  } catch {
    // Nothing is there.
    return null;
  }
}
