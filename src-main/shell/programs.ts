import { app } from 'electron';
import { existsSync } from 'fs';
import { join } from 'path';

/** Folder of the app: in development the repository. */
export const root = (): string => app.getAppPath();

/** Folder of the built page. */
export const pages = (): string => join(root(), 'out', 'renderer');

/** The host's entry. */
export const hostEntry = (): string => join(root(), 'src-main', 'host.ts');

/** Node 24, which runs the host and its workers: the packaged app brings it, in development a package does. */
export function nodeProgram(): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const candidates = [
    ...(app.isPackaged ? [join(process.resourcesPath, 'node', name)] : []),
    join(root(), 'node_modules', 'node', 'bin', name),
  ];
  return candidates.find((path) => existsSync(path)) ?? 'node';
}
