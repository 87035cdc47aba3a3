import type { Preset } from './preset.ts';

/** What SWAMP costs and what it could cost: particles only where they pay. */
export const swampPlus: Preset = {
  name: 'swamp-plus',
  title: 'SWAMP+: particles only in the sparse rounds, against SWAMP with one and four throughout',
  notes:
    'Nothing to set: digits, a few minutes. The threshold follows from the schedule and the share of the cost, arms[2].cost.',
  config: {
    name: 'swamp-plus',
    dataset: { kind: 'digits' },
    model: { kind: 'lenet', hidden: [300, 100] },
    recipe: {
      optimizer: { momentum: 0.9, weightDecay: 1e-4 },
      learningRate: 0.05,
      schedule: { kind: 'cosine' },
      batch: 128,
      epochs: 10,
    },
    ticket: { epochs: 2 },
    swa: { start: 0.5, learningRate: 0.05 },
    sparsity: { kind: 'geometric', fraction: 0.3, rounds: 12 },
    arms: [
      { kind: 'imp' },
      { kind: 'swamp', particles: 1 },
      { kind: 'swamp-plus', particles: 4, cost: 0.6 },
      { kind: 'swamp', particles: 4 },
    ],
    seeds: [1],
  },
};
