import { z } from 'zod';
import { Normalisation } from './checkpoint.ts';
import { RunId } from './ids.ts';
import { Metrics } from './metrics.ts';
import { Prunable } from './prunable.ts';
import { NamedSpec } from './recipe.ts';

/** Which images of a data set; `train` includes what a run holds out for validation, `all` is train, then test. */
export const ImageSplit = z.enum(['test', 'train', 'all']);
export type ImageSplit = z.infer<typeof ImageSplit>;

/** A network in a file, and how to read it. */
export const NetworkFile = z.strictObject({
  path: z.string(),
  /** Kind of the file's format. */
  format: z.string(),
  /** Kind of its naming. */
  naming: z.string(),
  model: NamedSpec,
  /** Height, width, channels of the images; number of classes. */
  shape: z.array(z.number().int().positive()).length(3),
  classes: z.number().int().positive(),
  pruneClassifier: z.boolean(),
  prunable: Prunable.optional(),
  normalisation: Normalisation,
});
export type NetworkFile = z.infer<typeof NetworkFile>;

/** What becomes of a picture of another shape: what sticks out is cut, bars are added, or it is stretched. */
export const PicturesFit = z.enum(['cover', 'contain', 'fill']);
export type PicturesFit = z.infer<typeof PicturesFit>;

/** Images to run it on. */
export const ImageSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dataset'), source: NamedSpec, split: ImageSplit }),
  /** Pictures without labels, made to fit the network's shape. */
  z.strictObject({
    kind: z.literal('pictures'),
    files: z.array(z.string()).min(1),
    fit: PicturesFit,
  }),
]);
export type ImageSource = z.infer<typeof ImageSource>;

/** Run a network in a file on images. Nothing of a library is used. */
export const UseOrder = z.strictObject({
  network: NetworkFile,
  images: ImageSource,
  /** Safetensors file to write `probabilities` [images, classes] and, where known, `labels` to. */
  predictions: z.string().nullable(),
});
export type UseOrder = z.infer<typeof UseOrder>;

/** How much of a network in a file is pruned, counted from its tensors. */
export const CountedSparsity = z.object({
  /** Weights that masks may prune, and those of them that are exactly zero. */
  prunable: z.number().int(),
  zeros: z.number().int(),
  /** Weights that masks in the file prune; `null` where it has none. */
  pruned: z.number().int().nullable(),
  /** Pruned weights that are not zero. */
  revived: z.number().int(),
});
export type CountedSparsity = z.infer<typeof CountedSparsity>;

/** Quality by class. */
export const ClassResults = z.object({
  /** Images of each class, and the share of them that is predicted right; `null` without images. */
  images: z.array(z.number().int()),
  accuracy: z.array(z.number().nullable()),
  /** Images by [label][predicted class]. */
  confusion: z.array(z.array(z.number().int())),
});
export type ClassResults = z.infer<typeof ClassResults>;

export const UseResult = z.object({
  images: z.number().int(),
  sparsity: CountedSparsity,
  /** `null` where images have no labels. */
  evaluation: Metrics.extend({ perClass: ClassResults }).nullable(),
});
export type UseResult = z.infer<typeof UseResult>;

/** What a file does not say of its network, as a user writes it; absent: the file says it. */
const saidOfFile = {
  /** JSON, or the bare kind. */
  model: z.string().optional(),
  /** JSON with mean and deviation. */
  normalisation: z.string().optional(),
  /** Kind of the naming, or `auto`. */
  names: z.string().default('auto'),
  /** `32x32x3`, height first, of pictures. */
  shape: z.string().optional(),
};

/** A network that is asked for: in a file, or of a run's round; of an ensemble also which. */
export const AskedNetwork = z.union([
  z.strictObject({ file: z.string().min(1), ...saidOfFile }),
  z.strictObject({
    run: RunId,
    round: z.number().int().min(0).optional(),
    member: z.number().int().min(0).optional(),
  }),
]);
export type AskedNetwork = z.infer<typeof AskedNetwork>;

/** Images that are asked for, as a user names them. */
export const AskedData = z.strictObject({
  /** A kind of data set, KIND:PATH, a folder, an archive, pictures or a JSON file; absent: what the network was trained on. */
  data: z.string().min(1).optional(),
  /** Settings of the data set, `dataset.path=DIR`. */
  set: z.array(z.string()).default([]),
  split: ImageSplit.default('test'),
});
export type AskedData = z.infer<typeof AskedData>;

/** What a network that was run on images came to. */
export const NetworkUse = z.object({
  /** What was done to the file's tensors, for people. */
  notes: z.array(z.string()),
  /** The model's title. */
  model: z.string(),
  data: z.object({
    title: z.string(),
    /** Whether the network was trained on these data; `null` where that is not known. */
    trainedOn: z.boolean().nullable(),
    /** `null` for pictures. */
    split: ImageSplit.nullable(),
    images: z.number().int(),
  }),
  sparsity: CountedSparsity,
  /** `null` where images have no labels. */
  evaluation: Metrics.nullable(),
  /** Names of the classes, in the order of the outputs; with labels how many images each has, and its accuracy. */
  classes: z.array(
    z.object({ name: z.string(), images: z.number().int().nullable(), accuracy: z.number().nullable() }),
  ),
  /** Images by [label][predicted class]. */
  confusion: z.array(z.array(z.number().int())).nullable(),
});
export type NetworkUse = z.infer<typeof NetworkUse>;

/** A file with predictions. */
export const WrittenPredictions = z.object({ out: z.string(), bytes: z.number(), sha256: z.string() });
export type WrittenPredictions = z.infer<typeof WrittenPredictions>;
