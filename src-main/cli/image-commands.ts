import type { Command } from 'commander';
import { collect, wholeNumber } from './arguments.ts';
import type { UseOptions } from './evaluate.ts';
import type { PredictOptions } from './predict.ts';
import type { Action, AddCommand } from './housekeeping.ts';

/** Commands that run a network on images. */
export function addImageCommands(command: AddCommand, action: Action): void {
  const imageCommand = (usage: string, description: string): Command =>
    command(usage, description)
      .option(
        '--data <data>',
        'KIND, KIND:PATH, a folder, an archive, pictures or a JSON file (default: what the file was trained on)',
      )
      .option(
        '--set <path=value>',
        'change a setting of the data set, for example dataset.path=DIR',
        collect,
        [],
      )
      .option('--round <round>', 'of a run: which round (default: the last)', wholeNumber)
      .option('--member <member>', 'of an ensemble: which network, from 0', wholeNumber)
      .option('--split <split>', 'test, train or all', 'test')
      .option('--model <model>', 'the model of a file that does not say it, as JSON or a bare kind')
      .option('--names <kind>', 'how tensors are named: swamp, pytorch, or auto', 'auto')
      .option(
        '--normalisation <json>',
        'mean and deviation of a file that does not say them (default: of the data)',
      );
  imageCommand('evaluate <network>', 'evaluate a network, in a file or of a run, on a data set').action(
    action(async (output, network: string, options: UseOptions) =>
      (await import('./evaluate.ts')).evaluate(network, options, output),
    ),
  );
  imageCommand(
    'predict <network>',
    'write what a network, in a file or of a run, says about images, with or without labels',
  )
    .option(
      '--shape <shape>',
      'height x width x channels of a file that does not say it, for example 32x32x3',
    )
    .option('--top <count>', 'only the most probable classes of each image', wholeNumber)
    .requiredOption('--out <file>', 'file to write: .csv, .npz or .json')
    .action(
      action(async (output, network: string, options: PredictOptions) =>
        (await import('./predict.ts')).predict(network, options, output),
      ),
    );
}
