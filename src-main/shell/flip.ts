import { sep } from 'path';
import { ConfigError } from '../contract/errors.ts';
import { flipFuses, fuseFile, readFuses, wrongFuses } from './fuses.ts';

/** What resources/bin/fuses.mjs does, with words for a terminal. @returns the exit code. */
export function flip(args: readonly string[], say: (text: string) => void): number {
  const programs = args.filter((arg) => !arg.startsWith('-'));
  const [program] = programs;
  try {
    if (program === undefined || programs.length > 1 || args.some((arg) => /^-(?!-check$)/.test(arg)))
      throw new ConfigError('Usage: node resources/bin/fuses.mjs PROGRAM [--check]', '');
    if (!args.includes('--check')) {
      if (fuseFile(program).split(sep).includes('node_modules'))
        throw new ConfigError(
          `${program} is the Electron of node_modules, which starts the app from its folder`,
          'Give the packaged one.',
        );
      const changed = flipFuses(program);
      say(changed.length > 0 ? `Flipped: ${changed.join(', ')}.` : 'All fuses are as wanted already.');
    }
    for (const [name, state] of Object.entries(readFuses(program))) say(`${name}: ${state}`);
    const wrong = wrongFuses(program);
    if (wrong.length > 0) say(`Not as wanted: ${wrong.join(', ')}.`);
    return wrong.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    say([error.message, error.hint].filter(Boolean).join('. '));
    return 2;
  }
}

if (import.meta.main) process.exitCode = flip(process.argv.slice(2), (text) => console.error(text));
