import type { Preset } from './preset.ts';

/** The reference experiment: small enough for two cores, large enough to show what SWAMP is for. */
export const cifar10Small: Preset = {
  name: 'cifar10-small',
  title:
    '10,000 CIFAR-10 images at 16×16, ResNet-8: IMP, an ensemble of two, SWAMP with one and four particles',
  notes:
    'Needs the folder of CIFAR-10 (binary version), dataset.path. Seven pruning rounds to 97.2 % sparsity.',
  config: {
    name: 'cifar10-small',
    dataset: { kind: 'cifar10', train: 10_000, size: 16 },
    split: { validation: 0.1 },
    model: { kind: 'resnet', depth: 8, width: 16 },
    recipe: {
      optimizer: { momentum: 0.9, weightDecay: 5e-4 },
      learningRate: 0.1,
      schedule: { kind: 'cosine' },
      batch: 128,
      epochs: 10,
      augment: { flip: true, crop: 2 },
    },
    ticket: { epochs: 2, learningRate: 0.1 },
    swa: { start: 0.5, learningRate: 0.05 },
    sparsity: { kind: 'geometric', fraction: 0.4, rounds: 7 },
    pruneClassifier: false,
    arms: [
      { kind: 'imp' },
      { kind: 'imp-ensemble', members: 2 },
      { kind: 'swamp', particles: 1 },
      { kind: 'swamp', particles: 4 },
    ],
    seeds: [1],
  },
};
