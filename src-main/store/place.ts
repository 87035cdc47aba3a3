import { resolve } from 'node:path';
import envPaths from 'env-paths';

/**
 * Where the library is: the folder given, else SWAMP_LIBRARY, else the user's data folder.
 * @param folder from `--library`.
 */
export function libraryFolder(folder?: string, environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = [folder, environment['SWAMP_LIBRARY']].find((path) => path !== undefined && path !== '');
  return chosen === undefined ? envPaths('swamp-studio', { suffix: '' }).data : resolve(chosen);
}
