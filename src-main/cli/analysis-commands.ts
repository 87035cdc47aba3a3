import type { AnalyzeOptions } from './analyze.ts';
import type { Action, AddCommand } from './housekeeping.ts';

/** The command that looks at stored runs. */
export function addAnalysisCommands(
  command: AddCommand,
  action: Action,
  collect: (value: string, all: string[]) => string[],
): void {
  command('analyze [kind] [runs...]', 'see why it works: analyse stored runs; alone it lists what there is')
    .option('--set <option=value>', 'an option of the analysis (repeatable)', collect, [])
    .option('--again', 'make results again that were let go to save space')
    .option('--out <dir>', 'where pictures and tables go (default: among the library’s reports)')
    .option('--dry-run', 'say what it takes; start nothing')
    .option('--detach', 'run it in the background and return at once')
    .action(
      action(async (output, kind: string | undefined, runs: string[], options: AnalyzeOptions) =>
        (await import('./analyze.ts')).analyze(kind, runs, options, output),
      ),
    );
}
