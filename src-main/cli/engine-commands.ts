import type { Command } from 'commander';
import type { PackOptions } from './engine-pack.ts';
import type { Action, AddCommand } from './housekeeping.ts';
import type { CommonOptions } from './session.ts';

/** Commands that carry an engine to machines without a network. */
export function addEngineCommands(program: Command, command: AddCommand, action: Action): void {
  const engine = program
    .command('engine')
    .description('carry the engine to machines without a network')
    .exitOverride();
  command('pack', 'write the engine into a folder, in pieces', engine)
    .requiredOption('--out <dir>', 'folder for the pieces and their table of contents')
    .option('--piece <size>', 'the largest a piece may be, for example 60M or 2G', '1G')
    .option('--variant <variant>', 'cpu or cuda (default: what this machine uses)')
    .action(
      action(async (output, options: PackOptions) =>
        (await import('./engine-pack.ts')).pack(options, output),
      ),
    );
  command('install <dir>', 'make the engine ready from such a folder', engine).action(
    action(async (output, folder: string, _options: CommonOptions) =>
      (await import('./engine-pack.ts')).installPack(folder, output),
    ),
  );
  command('list', 'show the engines in the cache and their size', engine).action(
    action(async (output, _options: CommonOptions) => (await import('./engine-pack.ts')).listCache(output)),
  );
}
