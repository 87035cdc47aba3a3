import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exportFormats, formatOfFile } from '../checkpoint/formats.ts';
import { ExitCode } from '../contract/errors.ts';
import { exportRun } from '../experiment/export.ts';
import { storedExperiment } from '../experiment/studio.ts';
import { bytes, percent } from '../report/format.ts';
import { bench, doctor } from './engine.ts';
import { compare, list, listPresets, show, type CompareOptions } from './look.ts';
import { Output } from './output.ts';
import { resume, run, type RunOptions } from './run.ts';
import { engineFor, version, withLibrary, withStudio, type CommonOptions } from './session.ts';

const EXIT_CODES = `
Exit codes: 0 done; 1 a fault of ours; 2 bad input, nothing was started; 3 the engine cannot run here;
4 the library cannot be used; 5 a job failed, the rest is kept; 130 stopped, \`swamp resume\` goes on.`;

/** Runs one command line. @returns the exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = ExitCode.ok;
  const program = new Command('swamp')
    .description(
      'Find a small neural network that is as good as it can be: SWAMP, iterative magnitude pruning and ensembles.',
    )
    .version(version)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .showSuggestionAfterError();

  /** A subcommand with the options that all have. */
  const command = (usage: string, description: string): Command =>
    program
      .command(usage)
      .description(description)
      .option('--library <dir>', "folder of the library (default: SWAMP_LIBRARY, or the user's data folder)")
      .option('--json', 'print one JSON document on standard output and nothing else')
      .exitOverride();
  /** Runs a command's function with where to write. */
  const action =
    <Args extends unknown[]>(use: (output: Output, ...args: Args) => ExitCode | Promise<ExitCode>) =>
    async (...args: unknown[]): Promise<void> => {
      const options = (args.at(-2) ?? {}) as CommonOptions;
      const output = new Output(options.json ?? false);
      try {
        code = await use(output, ...(args as Args));
      } catch (error) {
        code = output.fail(error);
      }
    };

  command('run <experiment>', 'train an experiment: a preset or a JSON file')
    .option('--set <path=value>', 'change a setting, for example recipe.epochs=5 (repeatable)', collect, [])
    .option('--dry-run', 'print the plan and what it costs; start nothing')
    .action(action((output, name: string, options: RunOptions) => run(name, options, output)));
  command(
    'resume [experiment]',
    'go on with an experiment that was stopped, interrupted or has failed jobs',
  ).action(action((output, id: string | undefined, options: CommonOptions) => resume(id, options, output)));
  command('list', 'list experiments').action(
    action((output, options: CommonOptions) => list(options, output)),
  );
  command('show <id>', 'show an experiment or a run').action(
    action((output, id: string, options: CommonOptions) => show(id, options, output)),
  );
  command('compare <experiment>', 'compare the arms of an experiment, round by round')
    .option('--html <file>', 'write a page with charts that needs nothing else')
    .option('--csv <file>', 'write every figure')
    .option('--svg <file>', 'write the chart')
    .option('--dark', 'dark chart')
    .option('--format <format>', 'text, markdown or latex', 'text')
    .option('--metric <metric>', 'accuracy, nll or ece', 'accuracy')
    .option('--split <split>', 'test or validation', 'test')
    .action(action((output, id: string, options: CompareOptions) => compare(id, options, output)));
  command('export <run>', "write a run's pruned network, open the file again and evaluate it")
    .option('--round <round>', 'default: the last', wholeNumber)
    .option('--member <member>', 'which network of an ensemble, from 0', wholeNumber)
    .addOption(
      new Option('--format <format>', "default: by the file's name").choices(
        exportFormats.map(({ kind }) => kind),
      ),
    )
    .requiredOption('--out <file>', 'file to write; the model card goes beside it')
    .action(action(exportCommand));
  command('presets', 'list presets').action(action((output) => listPresets(output)));
  command('doctor', 'check the engine: what runs, on which device, what is missing')
    .option('--fix', 'make the engine ready first: download TensorFlow and build the addon')
    .action(action((output, options: CommonOptions & { fix?: boolean }) => doctor(options, output)));
  command('bench <what>', 'time the recorded training step of ResNet-20: bench step').action(
    action((output, what: string) => bench(what, output)),
  );

  try {
    await program.parseAsync(args);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its message; help and version are no errors.
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  return code;
}

interface ExportOptions extends CommonOptions {
  readonly round?: number;
  readonly member?: number;
  readonly format?: string;
  readonly out: string;
}

/** `swamp export RUN` */
async function exportCommand(output: Output, text: string, options: ExportOptions): Promise<ExitCode> {
  const format = options.format ?? formatOfFile(options.out).kind;
  const { round, member, out } = options;
  // Looked up first, so that a wrong name costs no engine.
  const { run, variant } = withLibrary(options, (library) => {
    const id = library.store.findRun(text);
    const { config } = storedExperiment(library, library.store.run(id).experiment);
    return { run: id, variant: config.engine };
  });
  const engine = await engineFor(variant);
  return await withStudio(options, engine, output, async (studio) => {
    const exported = await exportRun(studio, { run, round, member, format, out });
    const { test } = exported.evaluation;
    output.result(exported, () =>
      [
        `Wrote ${exported.file} (${bytes(exported.bytes)}) and ${exported.card}`,
        `Round ${exported.round} of ${exported.run}: ${percent(exported.sparsity)} pruned, ${exported.zeros} zeros`,
        `Opened again: test accuracy ${percent(test.accuracy, 2)}, NLL ${test.nll.toFixed(4)}, ECE ${test.ece.toFixed(4)}`,
      ].join('\n'),
    );
    return ExitCode.ok;
  });
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0.');
  return Number(text);
}
