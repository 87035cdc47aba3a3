import { InvalidArgumentError, type Command } from 'commander';
import type { ExitCode } from '../contract/errors.ts';
import type { CheckOptions } from './check.ts';
import type { CollectOptions } from './gc.ts';
import type { Output } from './output.ts';
import type { CommonOptions } from './session.ts';
import type { RemoveOptions } from './trash.ts';

export type AddCommand = (usage: string, description: string, parent?: Command) => Command;
export type Action = <Args extends unknown[]>(
  use: (output: Output, ...args: Args) => Promise<ExitCode>,
) => (...args: unknown[]) => Promise<void>;

/** Commands that keep a library in order: trash, disk space, tags and notes, settings, health. */
export function addHousekeeping(command: AddCommand, action: Action): void {
  command('tag <id> <tags...>', 'tag an experiment or a run').action(
    action(async (output, id: string, tags: string[], options: CommonOptions) =>
      (await import('./labels.ts')).changeTags('library.tag', id, tags, options, output),
    ),
  );
  command('untag <id> <tags...>', 'take tags away').action(
    action(async (output, id: string, tags: string[], options: CommonOptions) =>
      (await import('./labels.ts')).changeTags('library.untag', id, tags, options, output),
    ),
  );
  command('note <id> [text]', 'show the note of an experiment or a run, or set it').action(
    action(async (output, id: string, text: string | undefined, options: CommonOptions) =>
      (await import('./labels.ts')).note(id, text, options, output),
    ),
  );
  command('rm <experiments...>', 'move experiments to the trash')
    .option('--forever', 'remove for good, also out of the trash; results that others share stay')
    .option('--yes', 'with --forever: it is meant')
    .action(
      action(async (output, ids: string[], options: RemoveOptions) =>
        (await import('./trash.ts')).remove(ids, options, output),
      ),
    );
  command('restore <experiments...>', 'take experiments out of the trash').action(
    action(async (output, ids: string[], options: CommonOptions) =>
      (await import('./trash.ts')).restore(ids, options, output),
    ),
  );
  command('trash', 'list what is in the trash').action(
    action(async (output, options: CommonOptions) =>
      (await import('./list.ts')).list({ ...options, trash: true }, output),
    ),
  );
  command('gc', 'free disk space: old trash, what retention does not keep, what nothing needs')
    .option('--older-than <days>', 'empty the trash of what is older (default: the setting)', days)
    .option('--dry-run', 'tell what would be freed; delete nothing')
    .action(
      action(async (output, options: CollectOptions) => (await import('./gc.ts')).collect(options, output)),
    );
  command('du', 'what takes the disk space of the library').action(
    action(async (output, options: CommonOptions) => (await import('./du.ts')).du(options, output)),
  );
  command('settings [name] [value]', "the library's settings: list, show or set").action(
    action(async (output, name: string | undefined, value: string | undefined, options: CommonOptions) =>
      (await import('./settings.ts')).settings(name, value, options, output),
    ),
  );
  command('check', 'read the whole library and tell what is damaged')
    .option('--fix', 'delete damaged files; what made them is computed again by `swamp resume`')
    .action(
      action(async (output, options: CheckOptions) => (await import('./check.ts')).check(options, output)),
    );
}

function days(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Give a number of days from 0.');
  return Number(text);
}
