// The Node 24 that the package brings, whatever Node the shell has: the sources are TypeScript that it runs as it is.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Folder of a package that the repository in `root` uses. */
export function packageFolder(root, name) {
  return dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
}

/** The program of Node 24. */
export function findNode(root) {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return join(packageFolder(root, 'node'), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
