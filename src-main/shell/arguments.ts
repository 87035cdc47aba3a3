import { existsSync, statSync } from 'fs';
import { resolve } from 'path';

export interface Started {
  /** A run file or an experiment file that is to be opened. */
  readonly file: string | null;
  /** Of `--library DIR`. */
  readonly library: string | null;
}

/**
 * What a start of the program asks for. Switches of Chromium and of Electron are theirs.
 * @param args without the program and, in development, the folder of the app.
 */
export function readArguments(args: readonly string[], folder: string): Started {
  let [file, library]: [string | null, string | null] = [null, null];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const next = args[at + 1];
    if (arg.startsWith('--library=')) library = resolve(folder, arg.slice('--library='.length));
    else if (arg === '--library' && next !== undefined) {
      library = resolve(folder, next);
      at++;
    } else if (!arg.startsWith('-') && arg !== '') {
      const path = resolve(folder, arg);
      if (existsSync(path) && statSync(path).isFile()) file = path;
    }
  }
  return { file, library };
}
