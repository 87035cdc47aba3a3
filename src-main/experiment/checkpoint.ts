import { statSync } from 'node:fs';
import { readFacts } from '../checkpoint/facts.ts';
import { formatOfFile } from '../checkpoint/formats.ts';
import type { TensorFile } from '../checkpoint/tensor.ts';
import { Normalisation, type CheckpointFacts } from '../contract/checkpoint.ts';
import { ConfigError, DataError } from '../contract/errors.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { NetworkFile } from '../contract/use.ts';
import { outputsIn } from '../checkpoint/names/read.ts';
import { networkTensors, readNetwork } from '../training/network-file.ts';
import { models } from '../models/registry.ts';
import { chooseOwnable } from './own-choice.ts';
import { parseValue } from './overrides.ts';
import { problemText, Problems, refuse } from './problems.ts';

/** What the user says about a file that does not say it itself, as written on the command line. */
export interface CheckpointOptions {
  /** JSON, or the bare kind. */
  readonly model?: string | undefined;
  /** JSON with mean and deviation. */
  readonly normalisation?: string | undefined;
  /** Kind of the naming, or `auto`. */
  readonly names: string;
}

/** A file with a network, as far as it says what it is. */
export interface Checkpoint {
  readonly path: string;
  readonly format: string;
  readonly file: TensorFile;
  /** What the file says; `null` where it is from elsewhere. */
  readonly facts: CheckpointFacts | null;
  readonly model: NamedSpec;
  readonly normalisation: Normalisation | null;
  readonly naming: string;
}

/** A file with the images that it is to run on. */
export interface FittedImages {
  /** For messages. */
  readonly title: string;
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  readonly normalisation: Normalisation;
}

/**
 * Opens a file with a network.
 * @throws ConfigError where an option is wrong or the model is not known; DataError where the file is damaged.
 */
export function openCheckpoint(path: string, options: CheckpointOptions): Checkpoint {
  const format = formatOfFile(path);
  requireFile(path);
  const model = options.model === undefined ? null : parseModel(options.model);
  const normalisation =
    options.normalisation === undefined ? null : parseNormalisation(options.normalisation);
  const file = format.read(path);
  const facts = readFacts(file.metadata, path);
  const known = model ?? (facts && checkedModel(facts.model, path));
  if (!known)
    throw new ConfigError(
      `${path} does not say which model it is`,
      `Say it, for example --model '{"kind": "resnet", "depth": 20}'; known models: ${[...models.keys()].join(', ')}.`,
    );
  return {
    path,
    format: format.kind,
    file,
    facts,
    model: known,
    normalisation: normalisation ?? facts?.normalisation ?? null,
    naming: options.names,
  };
}

/** @throws ConfigError where there is no such file. */
export function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  throw new ConfigError(
    found ? `${path} is not a file` : `there is no file ${path}`,
    'Give a file with a network, for example one that `swamp export` wrote.',
  );
}

/**
 * How to run the network of a file on some images.
 * @throws DataError where images have another shape or number of classes, or the file does not fit the model.
 */
export function fitCheckpoint(
  { path, format, file, facts, model, normalisation, naming }: Checkpoint,
  images: FittedImages,
): { readonly network: NetworkFile; readonly notes: readonly string[] } {
  const { shape, classes } = images;
  const refuse = (what: string): DataError =>
    new DataError(what, 'Give the data that the network is for (--data).');
  if (facts && facts.shape.join() !== shape.join())
    throw refuse(
      `${path} takes images of ${facts.shape.join('×')}, those of ${images.title} are ${shape.join('×')}`,
    );
  const at = { model, shape, classes: classes.length };
  const outputs = outputsIn(file.tensors, networkTensors(at), { path, naming }) ?? classes.length;
  if (outputs !== classes.length)
    throw refuse(`${path} knows ${outputs} classes, ${images.title} has ${classes.length}`);
  const used = normalisation ?? images.normalisation;
  for (const [name, values] of Object.entries({ mean: used.mean, deviation: used.deviation })) {
    if (values.length === shape[2]) continue;
    throw new ConfigError(
      `the normalisation has ${values.length} figures of ${name} for images of ${shape[2]} channels`,
      'Give one a channel (--normalisation).',
    );
  }
  const named = readNetwork(file.tensors, at, { path, naming, want: 'network' });
  return {
    network: {
      path,
      format,
      naming: named.naming,
      model,
      shape: [...shape],
      classes: classes.length,
      pruneClassifier: facts?.pruneClassifier ?? named.masks.has('classifier/kernel'),
      ...(facts?.prunable && { prunable: facts.prunable }),
      normalisation: used,
    },
    notes: named.notes,
  };
}

/**
 * What pictures are made into for a file's network: its shape and classes, as the file or the user says.
 * @param asked `32x32x3`, height first, for a file that does not say it.
 * @throws ConfigError where it is not known.
 */
export function pictureShape(checkpoint: Checkpoint, asked: string | undefined): FittedImages {
  const { path, file, facts, model, normalisation, naming } = checkpoint;
  const shape = asked === undefined ? facts?.shape : parseShape(asked);
  if (!shape)
    throw new ConfigError(
      `${path} does not say of which size its images are`,
      'Say it as height, width and channels, for example --shape 32x32x3.',
    );
  if (!normalisation)
    throw new ConfigError(
      `${path} does not say how its images are normalised`,
      `Say it, for example --normalisation '{"mean": [0.49, 0.48, 0.45], "deviation": [0.25, 0.24, 0.26]}', on the scale 0 to 1.`,
    );
  const count = outputsIn(file.tensors, networkTensors({ model, shape, classes: 1 }), { path, naming }) ?? 1;
  const classes = facts?.classes ?? Array.from({ length: count }, (_, index) => String(index));
  return { title: 'the pictures', shape, classes, normalisation };
}

function parseShape(text: string): number[] {
  const sides = /^(\d+)x(\d+)x(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  if (sides.length === 3 && sides.every((side) => side > 0)) return sides;
  throw new ConfigError(
    `--shape ${text}: not a height, a width and a number of channels`,
    'For example --shape 32x32x3.',
  );
}

/** A model given as JSON or as a bare kind, with its defaults filled in. @throws ConfigError */
function parseModel(text: string): NamedSpec {
  const problems = new Problems();
  const model = chooseOwnable(models, 'model', parseValue(text), process.cwd(), problems);
  refuse(
    problems.list.map(problemText),
    `For example --model '{"kind": "resnet", "depth": 20, "width": 16}'.`,
  );
  return model as NamedSpec;
}

/** @throws DataError where a file names a model that this program does not have. */
function checkedModel(spec: NamedSpec, path: string): NamedSpec {
  const { own, ...options } = spec;
  if (typeof own === 'string')
    throw new ConfigError(
      `the model of ${path} is defined in a file of your own, ${own}`,
      `Say where it is: --model '${JSON.stringify({ ...options, kind: `./${own}` })}'.`,
    );
  const parsed = models.get(spec.kind)?.schema.safeParse(spec);
  if (parsed?.success) return parsed.data;
  throw new DataError(
    `${path} was made for a model that this version does not have: ${JSON.stringify(spec)}`,
    'Use the version that made it, or say which model it is (--model).',
  );
}

/** @throws ConfigError */
function parseNormalisation(text: string): Normalisation {
  const parsed = Normalisation.safeParse(parseValue(text));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    `--normalisation ${text}: not a mean and a deviation for each channel`,
    `For example --normalisation '{"mean": [0.49, 0.48, 0.45], "deviation": [0.25, 0.24, 0.26]}', on the scale 0 to 1.`,
  );
}
