import type { ExperimentConfig } from '../contract/experiment.ts';
import { parseConfig } from './config.ts';
import { planNew, type Plan, type Resolved } from './plan.ts';

/** What the digits give: 8,000 images for training, a tenth of them held out. For tests. */
export const digitsResolved: Resolved = {
  dataset: { digest: 'd'.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
  splits: new Map(
    [1, 2].map((seed) => [seed, { digest: `${seed}`.repeat(64), training: 7200, validation: 800 }]),
  ),
  precision: 'float32',
  backend: 'tensorflow-cpu',
  threads: 2,
};

/** What 10,000 CIFAR-10 images at 16×16 give. */
export const cifarResolved: Resolved = {
  ...digitsResolved,
  dataset: { digest: 'c'.repeat(64), shape: [16, 16, 3], classes: 10, test: 10_000 },
  splits: new Map([[1, { digest: '1'.repeat(64), training: 9000, validation: 1000 }]]),
};

/** Three pruning rounds of LeNet on digits, with what a test changes. */
export function configOf(change: Record<string, unknown>): ExperimentConfig {
  return parseConfig({
    name: 'test',
    dataset: { kind: 'digits' },
    model: { kind: 'lenet' },
    recipe: { epochs: 10 },
    sparsity: { kind: 'geometric', fraction: 0.3, rounds: 3 },
    arms: ['imp'],
    ...change,
  });
}

/** It, planned as what is new. */
export function planOf(change: Record<string, unknown>, resolved: Partial<Resolved> = {}): Plan {
  return planNew({ config: configOf(change), resolved: { ...digitsResolved, ...resolved } });
}
