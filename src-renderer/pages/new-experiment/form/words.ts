import type { Field } from './schema.ts';

// Names of settings for people, where their schemas do not say them: the same key may be another setting elsewhere, and has
// its name there. One that is not here is called by its key, in words.

const LABELS: Readonly<Record<string, string>> = {
  path: 'folder',
  train: 'training images',
  hidden: 'units of hidden layers',
  prefix: "files' prefix",
  names: 'names',
  labels: 'labels',
  batch: 'batch',
  warmup: 'warm-up',
  to: 'ends at',
  every: 'snapshots every',
  fan: 'fan',
  crop: 'crop by',
  flip: 'horizontal flips',
  validation: 'held out for validation',
  pruneClassifier: 'prune the classifier too',
  convolutions: 'prune convolutions',
  dense: 'prune dense layers',
  embeddings: 'prune embeddings',
  nesterov: 'Nesterov',
  sharpness: 'sharpness (SAM), ρ',
  labelSmoothing: 'label smoothing, ε',
  mixup: 'mixup, α',
  accumulate: 'batch in parts',
  cutout: 'cutout',
  iterations: 'iterations',
};

/** What a figure counts. */
const UNITS: Readonly<Record<string, string>> = {
  crop: 'pixels',
  cutout: 'pixels',
  warmup: 'iterations',
  batch: 'images',
  size: 'pixels',
};

const HELP: Readonly<Record<string, string>> = {
  path: 'Folder with the files, on the machine that computes.',
  train: 'Take the first so many; left out: all.',
  hidden: 'One number a layer: 300, 100.',
  depth: '6n + 2: 8, 14, 20, 32, 44, 56, 110.',
  width: 'Channels of the first stage.',
  milestones: 'Epochs at which the rate falls.',
  factor: 'The rate is multiplied by it.',
  sharpness: '0: off; 0.05 is usual. A step costs two gradients.',
  labelSmoothing: '0: off; 0.1 is usual.',
  mixup: '0: off; 0.2 to 1 is usual.',
  accumulate: 'One after another, to save memory. 1: at once.',
  cutout: 'Side of a square of the mean colour. 0: off.',
  every: 'epoch, or a number of iterations.',
  start: 'Share of a training after which averaging begins.',
  names: 'In the order of the labels.',
};

export function labelOf(key: string): string {
  return LABELS[key] ?? key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

/** What a setting is called: by its schema, else by its key. */
export function nameOf({ key, title }: Pick<Field, 'key' | 'title'>): string {
  return title || labelOf(key);
}

export function unitOf(key: string): string {
  return UNITS[key] ?? '';
}

export function helpOf(key: string): string {
  return HELP[key] ?? '';
}
