import { ConfigError, ExitCode } from '../contract/errors.ts';
import { ImageSplit, type UseResult } from '../contract/use.ts';
import { prepareUse, runUse, type PreparedUse } from '../experiment/use.ts';
import { requireLabels } from '../experiment/use-network.ts';
import { openModel } from '../models/registry.ts';
import { columns, count, percent, sparsityPercent } from '../report/format.ts';
import { workProgress } from '../report/progress.ts';
import { libraryFolder } from '../store/library.ts';
import { shown } from './data-loading.ts';
import { withNetwork, type GivenNetwork, type NetworkOptions } from './network-argument.ts';
import type { Output } from './output.ts';
import { appVersion, engineFor, interruptible } from './session.ts';

/** Options of the commands that run a network on images. */
export interface UseOptions extends NetworkOptions {
  readonly data?: string;
  readonly set: readonly string[];
  readonly split: string;
  readonly model?: string;
  readonly normalisation?: string;
  readonly names: string;
  readonly shape?: string;
}

/** Classes listed one by one; of more, so many with the lowest accuracy. */
const LISTED = 20;
const WORST = 10;

/** `swamp evaluate FILE|RUN` */
export async function evaluate(text: string, options: UseOptions, output: Output): Promise<ExitCode> {
  return await withNetwork(text, options, async (given) => {
    const prepared = await prepare(given, options, output);
    requireLabels(prepared);
    const result = await use(prepared, null, 'Evaluating');
    const document = { ...describeUse(given, prepared, result), ...evaluationJson(prepared, result) };
    output.result(document, () => evaluationText(given, prepared, result));
    return ExitCode.ok;
  });
}

/** Finds the file and the images, and tells of what was done to tensors. */
export async function prepare(
  { path, name }: GivenNetwork,
  options: UseOptions,
  output: Output,
): Promise<PreparedUse> {
  const split = ImageSplit.safeParse(options.split);
  if (!split.success)
    throw new ConfigError(
      `--split ${options.split}: there is no such choice`,
      `Choose one of ${ImageSplit.options.join(', ')}.`,
    );
  const request = { ...options, file: path, split: split.data, library: libraryFolder(options.library) };
  const prepared = await interruptible((signal) =>
    shown((watch) => prepareUse(request, { ...watch, signal })),
  );
  for (const note of prepared.notes) output.note(`${name}: ${note}`);
  if (prepared.data.trainedOn === false)
    output.note(`${prepared.data.title} is not what the network was trained on.`);
  return prepared;
}

/** Runs the network with progress on standard error. */
export async function use(
  { network, images }: PreparedUse,
  predictions: string | null,
  words: string,
): Promise<UseResult> {
  return await interruptible(async (signal) => {
    const engine = await engineFor('auto', signal);
    const progress = workProgress(words, 'images', { stream: process.stderr });
    try {
      const onProgress = (done: number, total: number): void => progress.update(done, total);
      return await runUse(
        engine,
        { network, images, predictions },
        { app: appVersion(), signal, onProgress },
      );
    } finally {
      progress.close();
    }
  });
}

/** What was run on what, for JSON. */
export function describeUse(
  { path, of }: GivenNetwork,
  { network, images, data }: PreparedUse,
  { images: count, sparsity }: UseResult,
): Record<string, unknown> {
  const { prunable, zeros, pruned, revived } = sparsity;
  const share = prunable === 0 ? 0 : (pruned ?? zeros) / prunable;
  return {
    file: of ? null : path,
    ...of,
    format: network.format,
    names: network.naming,
    model: network.model,
    data: { ...data, split: images.kind === 'dataset' ? images.split : null, images: count },
    sparsity: { share, prunable, zeros, pruned, revived },
  };
}

function evaluationJson({ classes }: PreparedUse, { evaluation }: UseResult): Record<string, unknown> {
  if (!evaluation) throw new Error('an evaluation needs labels');
  const { accuracy, nll, ece, perClass } = evaluation;
  return {
    evaluation: { accuracy, nll, ece },
    classes: classes.map((name, index) => ({
      name,
      images: perClass.images[index],
      accuracy: perClass.accuracy[index],
    })),
    confusion: perClass.confusion,
  };
}

/** `LeNet-300-100, 83.2 % of 266,200 prunable weights pruned` */
export function networkText({ network }: PreparedUse, { sparsity }: UseResult): string {
  const { prunable, zeros, pruned, revived } = sparsity;
  const share = (pruned ?? zeros) / Math.max(1, prunable);
  const how = pruned === null ? 'zero (the file has no masks)' : 'pruned';
  const alive = revived > 0 ? `; ${count(revived)} of them are not zero` : '';
  return `${openModel(network.model).title}, ${sparsityPercent(share)} of ${count(prunable)} prunable weights ${how}${alive}`;
}

function evaluationText({ name, of }: GivenNetwork, prepared: PreparedUse, result: UseResult): string {
  const { evaluation, images } = result;
  if (!evaluation) throw new Error('an evaluation needs labels');
  const { accuracy, nll, ece, perClass } = evaluation;
  const split = prepared.images.kind === 'dataset' ? prepared.images.split : '';
  const rows = prepared.classes.map((name, index) => ({
    name,
    images: perClass.images[index] ?? 0,
    accuracy: perClass.accuracy[index] ?? null,
  }));
  const worst = [...rows].sort((a, b) => (a.accuracy ?? 1) - (b.accuracy ?? 1)).slice(0, WORST);
  const listed = rows.length > LISTED ? worst : rows;
  const table = listed.map((row) => [
    row.name,
    row.accuracy === null ? 'no images' : percent(row.accuracy, 2),
    row.accuracy === null ? '' : `of ${count(row.images)}`,
  ]);
  return [
    ...columns(
      [
        [of ? 'run' : 'file', name],
        ['network', networkText(prepared, result)],
        ['data', `${prepared.data.title}, ${split}: ${count(images)} images`],
        ['accuracy', percent(accuracy, 2)],
        ['NLL', `${nll.toFixed(4)} nats`],
        ['ECE', `${percent(ece, 2)} (15 bins)`],
      ],
      ['left', 'left'],
    ),
    '',
    ...(rows.length > LISTED ? [`The ${WORST} classes with the lowest accuracy of ${rows.length}:`] : []),
    ...columns(table, ['left', 'right', 'left']),
  ].join('\n');
}
