import { Command, CommanderError } from 'commander';
import { ExitCode } from '../contract/errors.ts';
import { addAnalysisCommands } from './analysis-commands.ts';
import { addEngineCommands } from './engine-commands.ts';
import { Output, outliveReaders } from './output.ts';
import type { CompareOptions } from './compare.ts';
import type { DataOptions } from './data.ts';
import type { ExportOptions } from './export.ts';
import type { ExtendOptions } from './extend.ts';
import type { ForkOptions } from './fork.ts';
import type { HostOptions } from './host.ts';
import { collect, number, wholeNumber, wholeNumbers } from './arguments.ts';
import { addHousekeeping } from './housekeeping.ts';
import { addImageCommands } from './image-commands.ts';
import type { ListOptions } from './list.ts';
import type { LogsOptions } from './logs.ts';
import { addRunFileCommands } from './run-file-commands.ts';
import type { RunOptions } from './run.ts';
import type { ServeOptions } from './serve.ts';
import type { TicketOptions } from './ticket.ts';
import { appVersion, type CommonOptions } from './session.ts';

// What a command needs is loaded when it runs: `swamp --help` must not wait for what a training takes.

const EXIT_CODES = `
Exit codes: 0 done; 1 a fault of ours; 2 bad input, nothing was started; 3 the engine cannot run here;
4 the library cannot be used; 5 a job failed, the rest is kept; 130 stopped, \`swamp resume\` goes on.`;

/** Runs one command line. @returns the exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  outliveReaders();
  let code: ExitCode = ExitCode.ok;
  const program = new Command('swamp')
    .description(
      'Find a small neural network that is as good as it can be: SWAMP, iterative magnitude pruning and ensembles.',
    )
    .version(appVersion())
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .showSuggestionAfterError();

  /** A subcommand with the options that all have. */
  const command = (usage: string, description: string, parent = program): Command =>
    parent
      .command(usage)
      .description(description)
      .option('--library <dir>', "folder of the library (default: SWAMP_LIBRARY, or the user's data folder)")
      .option('--json', 'print one JSON document on standard output and nothing else')
      .exitOverride();
  /** Runs a command's function with where to write. */
  const action =
    <Args extends unknown[]>(use: (output: Output, ...args: Args) => Promise<ExitCode>) =>
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
    .option('--detach', 'run it in the background and return at once')
    .action(
      action(async (output, name: string, options: RunOptions) =>
        (await import('./run.ts')).run(name, options, output),
      ),
    );
  command(
    'extend <experiment>',
    'add rounds, seeds, arms or particles to an experiment; train only what is new',
  )
    .option('--rounds <rounds>', 'prune in so many rounds, those that are there included', wholeNumber)
    .option('--seeds <seeds>', 'more seeds, for example 2,3', wholeNumbers)
    .option('--arm <arm>', 'another arm: its name, or JSON (repeatable)', collect, [])
    .option('--particles <particles>', 'another arm of SWAMP with so many particles', wholeNumber)
    .option('--set <path=value>', 'another change that only adds (repeatable)', collect, [])
    .option('--dry-run', 'print the plan and what it costs; start nothing')
    .option('--detach', 'run it in the background and return at once')
    .action(
      action(async (output, id: string, options: ExtendOptions) =>
        (await import('./extend.ts')).extend(id, options, output),
      ),
    );
  command('fork <experiment>', 'train a new experiment made from a stored one, sharing what is equal')
    .option('--name <name>', 'default: that of the stored one')
    .option('--set <path=value>', 'change a setting (repeatable)', collect, [])
    .option('--dry-run', 'print the plan and what it costs; start nothing')
    .option('--detach', 'run it in the background and return at once')
    .action(
      action(async (output, id: string, options: ForkOptions) =>
        (await import('./fork.ts')).fork(id, options, output),
      ),
    );
  command(
    'resume [experiment]',
    'go on with an experiment or a sweep that is not done, or show the one that runs',
  )
    .option('--detach', 'run it in the background and return at once')
    .action(
      action(async (output, id: string | undefined, options: CommonOptions & { detach?: boolean }) =>
        (await import('./run.ts')).resume(id, options, output),
      ),
    );
  command(
    'ticket <experiment>',
    'choose the length of the ticket: train it at several, twice each, and look for a barrier between',
  )
    .option('--at <iterations>', 'lengths to try, for example 0,100,200', wholeNumbers)
    .option('--epochs <epochs>', 'lengths to try in epochs (default: 0,1,2,4)', wholeNumbers)
    .option('--below <points>', 'an error barrier that is none, in points (default: 2)', number)
    .option('--out <file>', 'where the picture goes (SVG; default: among the library’s reports)')
    .option('--set <path=value>', 'change a setting (repeatable)', collect, [])
    .option('--dry-run', 'print the plan and what it costs; start nothing')
    .option('--detach', 'run it in the background and return at once')
    .action(
      action(async (output, name: string, options: TicketOptions) =>
        (await import('./ticket.ts')).ticket(name, options, output),
      ),
    );
  command('pause <experiment>', 'save and stop an experiment or a sweep that runs or waits').action(
    action(async (output, id: string, options: CommonOptions) =>
      (await import('./care.ts')).pause(id, options, output),
    ),
  );
  command('cancel <experiment>', 'give up what an experiment or a sweep has not finished').action(
    action(async (output, id: string, options: CommonOptions) =>
      (await import('./care.ts')).cancel(id, options, output),
    ),
  );
  command('retry <id>', 'try failed and cancelled jobs of an experiment or a run again').action(
    action(async (output, id: string, options: CommonOptions) =>
      (await import('./care.ts')).retry(id, options, output),
    ),
  );
  command('logs <experiment>', 'tell what happened to an experiment')
    .option('--follow', 'go on until it ends')
    .action(
      action(async (output, id: string, options: LogsOptions) =>
        (await import('./logs.ts')).logs(id, options, output),
      ),
    );
  command('list', 'list experiments')
    .option('--tag <tag>', 'only those that carry it, or a run of theirs does')
    .option('--trash', 'those in the trash')
    .option('--analyses', 'analyses in place of experiments')
    .action(
      action(async (output, options: ListOptions) => (await import('./list.ts')).list(options, output)),
    );
  command('show <id>', 'show an experiment, a sweep or a run').action(
    action(async (output, id: string, options: CommonOptions) =>
      (await import('./show.ts')).show(id, options, output),
    ),
  );
  command('compare <experiments...>', 'compare the arms of one experiment or several, round by round')
    .option('--html <file>', 'write a page with charts that needs nothing else')
    .option('--csv <file>', 'write every figure')
    .option('--svg <file>', 'write the chart')
    .option('--dark', 'dark chart')
    .option('--format <format>', 'text, markdown, latex, or csv of the differences', 'text')
    .option('--metric <metric>', 'accuracy, nll or ece', 'accuracy')
    .option('--split <split>', 'test or validation', 'test')
    .option('--from <sparsity>', 'average differences over the rounds from it on (default: 0.78)', number)
    .option('--confidence <share>', 'of the intervals (default: 0.95)', number)
    .option('--baseline <arm>', 'compare the arms with this one; all: every pair (default: imp)')
    .option('--within <points>', 'smallest network: points of accuracy below dense (default: 1)', number)
    .option('--bands <bands>', 'around the lines of the chart: deviation, interval or none', 'deviation')
    .action(
      action(async (output, ids: string[], options: CompareOptions) =>
        (await import('./compare.ts')).compare(ids, options, output),
      ),
    );
  command('export <run>', "write a run's pruned network, open the file again and evaluate it")
    .option('--round <round>', 'default: the last', wholeNumber)
    .option('--smallest', 'the sparsest round within 1 point of dense on validation')
    .option('--within <points>', 'the sparsest round within so many points', number)
    .option('--member <member>', 'which network of an ensemble, from 0', wholeNumber)
    .option('--format <format>', "safetensors or npz (default: by the file's name)")
    .requiredOption('--out <file>', 'file to write; the model card goes beside it')
    .action(
      action(async (output, run: string, options: ExportOptions) =>
        (await import('./export.ts')).exportCommand(run, options, output),
      ),
    );
  addAnalysisCommands(command, action, collect);
  addRunFileCommands(command, action);
  addImageCommands(command, action);
  addHousekeeping(command, action);
  const data = program.command('data').description('look at data sets').exitOverride();
  command('check <data>', 'say what is in a data set: PRESET, FILE, KIND:PATH or FOLDER', data)
    .option('--set <path=value>', 'change a setting, for example dataset.size=32 (repeatable)', collect, [])
    .option(
      '--contact-sheet [file]',
      'write images of each class to a .png or .html file (default: a temporary one)',
    )
    .action(
      action(async (output, name: string, options: DataOptions) =>
        (await import('./data.ts')).checkData(name, options, output),
      ),
    );
  command('serve', 'show the window in a browser: on this machine, or through an SSH tunnel')
    .option('--port <port>', 'of this machine (default: 7927, or any that is free)', wholeNumber)
    .option('--open', 'open the default browser')
    .action(
      action(async (output, options: ServeOptions) => (await import('./serve.ts')).serve(options, output)),
    );
  command('presets', 'list presets').action(
    action(async (output) => (await import('./presets.ts')).listPresets(output)),
  );
  command('doctor', 'check the engine: what runs, on which device, what is missing')
    .option('--fix', 'make the engine ready first: download TensorFlow and build the addon')
    .action(
      action(async (output, options: CommonOptions & { fix?: boolean }) =>
        (await import('./engine.ts')).doctor(options, output),
      ),
    );
  addEngineCommands(program, command, action);
  program
    .command('host', { hidden: true })
    .option('--library <dir>')
    .option('--linger <seconds>', '', wholeNumber)
    .option('--announce')
    .exitOverride()
    .action(
      action(async (output, options: HostOptions) => (await import('./host.ts')).host(options, output)),
    );
  command('bench <what>', 'time the recorded training step of ResNet-20: bench step').action(
    action(async (output, what: string) => (await import('./engine.ts')).bench(what, output)),
  );

  try {
    await program.parseAsync(args);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its message; help and version are no errors.
    if (error.exitCode === 0) return ExitCode.ok;
    new Output(args.includes('--json')).jsonError(commandLineError(error));
    return ExitCode.usage;
  }
  return code;
}

function commandLineError({ message, code }: CommanderError): Parameters<Output['jsonError']>[0] {
  const words = code === 'commander.help' ? 'no command is given' : message.replace(/^error: /, '');
  return { message: words, hint: '`swamp --help` lists commands and options.', exitCode: ExitCode.usage };
}
