import { cifar10Small } from './cifar10-small.ts';
import type { Preset } from './preset.ts';

/** Every method on the reference task, at five sparsities. */
export const cifar10Arms: Preset = {
  name: 'cifar10-arms',
  title: 'Every method on the task of cifar10-small, at 50, 75, 88, 94 and 97 % sparsity',
  notes:
    'Needs the folder of CIFAR-10 (binary version), dataset.path. Over two hundred trainings: hours on two cores.',
  config: {
    ...cifar10Small.config,
    name: 'cifar10-arms',
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 5 },
    arms: [
      'imp',
      'imp-ensemble',
      { kind: 'swamp', particles: 1 },
      { kind: 'swamp', particles: 4 },
      'swamp-plus',
      'multi-sgd',
      'imp-sam',
      'one-shot',
      'fine-tune',
      'lr-rewind',
      'soup',
      { kind: 'soup', average: 'greedy' },
      'lottery-pools',
      'random',
      'snip',
      'grasp',
      'synflow',
      'gmp',
      'set',
      'rigl',
      'dpf',
      'rigl-swamp',
      'dpf-swamp',
    ],
  },
};
