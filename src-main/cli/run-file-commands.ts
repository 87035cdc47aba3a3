import { Option } from 'commander';
import type { Action, AddCommand } from './housekeeping.ts';
import type { PackOptions } from './run-files.ts';
import type { CommonOptions } from './session.ts';

/** Commands that carry experiments from one library to another. */
export function addRunFileCommands(command: AddCommand, action: Action): void {
  command('pack <experiments...>', 'write experiments with their history into one file, to hand on')
    .requiredOption('--out <file>', 'file to write; its name ends with .swamp')
    .addOption(
      new Option('--with <checkpoints>', 'none, networks (masks and weights of each round) or all')
        .choices(['none', 'networks', 'all'])
        .default('networks'),
    )
    .action(
      action(async (output, ids: string[], options: PackOptions) =>
        (await import('./run-files.ts')).pack(ids, options, output),
      ),
    );
  command('import <file>', 'take the experiments of such a file into the library').action(
    action(async (output, file: string, options: CommonOptions) =>
      (await import('./run-files.ts')).importFile(file, options, output),
    ),
  );
}
