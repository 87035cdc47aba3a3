import { z } from 'zod';
import { Normalisation } from './checkpoint.ts';
import { Metrics } from './metrics.ts';
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
