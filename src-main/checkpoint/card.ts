import type { Metrics } from '../contract/metrics.ts';
import type { WrittenFile } from './files.ts';

/** One parameter of the model, as the card lists it. */
export interface CardParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** `kernel`, `bias`, `scale`, `offset`, … */
  readonly role: string;
  /** Weights that are not zero under the mask; `null` where the mask may not prune this parameter. */
  readonly alive: number | null;
}

/** A setting with its value in words, for example `['learning rate', '0.1, cosine']`. */
export type CardLine = readonly [name: string, value: string];

/** All that a model card says. Nothing is left to a default, so that a card never claims what nobody checked. */
export interface ModelCard {
  /** For example `swamp(4), 87 % sparse ResNet-20 on CIFAR-10`. */
  readonly title: string;
  readonly dataset: {
    readonly title: string;
    readonly digest: string;
    /** Height, width, channels. */
    readonly shape: readonly number[];
    readonly classes: readonly string[];
    /** Per channel: what the network sees is (byte / 255 − mean) / deviation. */
    readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  };
  /** Validation: fraction held out of the training set. */
  readonly split: { readonly validation: number; readonly seed: number; readonly digest: string };
  readonly model: {
    readonly title: string;
    readonly settings: readonly CardLine[];
    /** ε of batch norm; `null` where the model has none. */
    readonly epsilon: number | null;
    /** For example `3×3 stride 2 is padded 1 on every side`. */
    readonly padding: string;
  };
  readonly parameters: readonly CardParameter[];
  /** What sparsity is a fraction of: words, and how many weights. */
  readonly denominator: { readonly words: string; readonly weights: number };
  readonly metrics: { readonly validation: Metrics | null; readonly test: Metrics };
  readonly recipe: readonly CardLine[];
  readonly origin: {
    readonly experiment: string;
    readonly run: string;
    readonly arm: string;
    readonly seed: number;
    readonly round: number;
    /** Files that the experiment was started from, for example `mask of lottery.safetensors (SHA-256 …)`. */
    readonly start: readonly string[];
    /** Which solution of the round, for example `average of 4 particles`. */
    readonly solution: string;
  };
  readonly file: WrittenFile & {
    readonly name: string;
    /** Title of the export format. */
    readonly format: string;
    /** Whether the masks are in the file. */
    readonly masks: boolean;
  };
  /** Versions, for example `['TensorFlow', '2.21.0']`. */
  readonly software: readonly CardLine[];
}

/** The card beside an exported model, as Markdown. */
export function modelCard(card: ModelCard): string {
  const sections = [
    `# ${oneLine(card.title)}`,
    quality(card),
    ['## Sparsity', sparsity(card)].join('\n\n'),
    ['## Task', task(card)].join('\n\n'),
    ['## Model', table(['setting', 'value'], card.model.settings), layout(card)].join('\n\n'),
    ['## File', file(card), naming(card)].join('\n\n'),
    ['## Training', table(['setting', 'value'], card.recipe)].join('\n\n'),
    ['## Origin', origin(card)].join('\n\n'),
    ['## Software', table(['package', 'version'], card.software)].join('\n\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

function quality({ metrics }: ModelCard): string {
  const line = (split: string, { accuracy, nll, ece }: Metrics): CardRow => [
    split,
    `${(100 * accuracy).toFixed(2)} %`,
    nll.toFixed(4),
    ece.toFixed(4),
  ];
  const rows = [
    ...(metrics.validation === null ? [] : [line('validation', metrics.validation)]),
    line('test', metrics.test),
  ];
  const none = metrics.validation === null ? '\n\nNothing was held out for validation.' : '';
  return `${table(['split', 'accuracy', 'NLL (nats)', 'ECE (15 bins)'], rows)}${none}`;
}

function sparsity({ parameters, denominator }: ModelCard): string {
  const alive = parameters.reduce((sum, parameter) => sum + (parameter.alive ?? 0), 0);
  const { words, weights } = denominator;
  const pruned = weights - alive;
  const total = parameters.reduce((sum, parameter) => sum + size(parameter.shape), 0);
  const share = weights === 0 ? 0 : pruned / weights;
  const all = total === 0 ? 0 : pruned / total;
  return [
    `**${percent(share)} of the prunable weights are pruned**: ${count(pruned)} of ${count(weights)}, counted over`,
    `${oneLine(words)}. Of all ${count(total)} trainable parameters that is ${percent(all)}.`,
  ].join('\n');
}

function task({ dataset, split }: ModelCard): string {
  const { mean, deviation } = dataset.normalisation;
  return table(
    ['', ''],
    [
      ['data set', dataset.title],
      ['digest of images and labels (SHA-256)', code(dataset.digest)],
      ['images', `${dataset.shape.join(' × ')} (height × width × channels), bytes`],
      [
        'normalisation',
        `(x / 255 − mean) / deviation, mean [${mean.join(', ')}], deviation [${deviation.join(', ')}]`,
      ],
      ['classes, in the order of the outputs', dataset.classes.join(', ')],
      [
        'validation split',
        `${percent(split.validation)} of the training set, stratified, seed ${split.seed}`,
      ],
      ['digest of the split (SHA-256)', code(split.digest)],
    ],
  );
}

function layout({ parameters }: ModelCard): string {
  const rows = parameters.map(({ name, shape, role, alive }): CardRow => {
    const weights = size(shape);
    const density = alive === null ? 'not prunable' : weights === 0 ? '0 %' : percent(alive / weights);
    return [
      code(name),
      code(`[${shape.join(', ')}]`),
      role,
      count(weights),
      alive === null ? '' : count(alive),
      density,
    ];
  });
  const titles = ['tensor', 'shape', 'role', 'weights', 'alive', 'density'];
  const empty = parameters.filter((parameter) => parameter.alive === 0).map(({ name }) => code(name));
  const warning =
    empty.length === 0
      ? ''
      : `\n\n**Pruned to nothing: ${empty.join(', ')}.** Such a layer passes nothing on.`;
  return `${table(titles, rows)}${warning}`;
}

function file({ file: { name, format, bytes, digest } }: ModelCard): string {
  return table(
    ['', ''],
    [
      ['name', code(name)],
      ['format', format],
      ['size', `${count(bytes)} bytes`],
      ['SHA-256', code(digest)],
    ],
  );
}

function naming({ model, file: { masks } }: ModelCard): string {
  const lines = [
    'Convolution kernels are [height, width, in, out] (HWIO), dense kernels [in, out], all in C order, float32.',
    'Pruned weights are exact zeros.',
    `Padding: ${oneLine(model.padding)}.`,
  ];
  if (model.epsilon !== null)
    lines.push(
      'Batch norm is `scale · (x − mean) / √(variance + ε) + offset`, tensors `…/scale`, `…/offset`, `…/mean`,',
      `\`…/variance\`, ε = ${model.epsilon}; mean and variance were re-estimated on un-augmented training data.`,
    );
  lines.push(
    masks
      ? 'Masks are `mask/<name of the weight tensor>`, boolean, in its shape; 1 is kept, 0 is pruned.'
      : 'The file holds no masks: zero weights of prunable tensors are the pruned ones.',
  );
  return lines.join('\n');
}

function origin({ origin: from }: ModelCard): string {
  return table(
    ['', ''],
    [
      ['experiment', code(from.experiment)],
      ['run', code(from.run)],
      ['arm', from.arm],
      ['seed', String(from.seed)],
      ['round', String(from.round)],
      ['solution', from.solution],
      ...from.start.map((text): CardRow => ['started from', text]),
    ],
  );
}

type CardRow = readonly string[];

function table(titles: CardRow, rows: readonly CardRow[]): string {
  const line = (cells: CardRow): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text that cannot break out of its table cell. */
function cell(text: string): string {
  return oneLine(text).replaceAll('|', '\\|');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Backticks in the text would end the code span; names have none, so they are dropped. */
function code(text: string): string {
  return `\`${text.replaceAll('`', '')}\``;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
