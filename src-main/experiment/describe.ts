import { basename } from 'node:path';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { Start } from '../contract/start.ts';
import type { NamedSpec, Recipe } from '../contract/recipe.ts';
import { openArm } from './arms/registry.ts';
import { modelTitle, ownText } from './own-choice.ts';
import { show } from './problems.ts';

/** `geometric (fraction 0.3, rounds 12)` */
function specText({ kind, own: _own, ...options }: NamedSpec): string {
  const parts = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : show(value)}`);
  return parts.length > 0 ? `${kind} (${parts.join(', ')})` : kind;
}

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;

function recipeText(recipe: Recipe): string {
  const { optimizer, learningRate, schedule, warmup, batch, epochs, augment } = recipe;
  const { labelSmoothing, mixup, accumulate } = recipe;
  const { momentum, nesterov, weightDecay, sharpness } = optimizer;
  const parts = [
    `SGD, learning rate ${learningRate}, ${specText(schedule)}`,
    warmup > 0 ? `warm-up of ${count(warmup, 'iteration')}` : '',
    momentum > 0 ? `${nesterov ? 'Nesterov ' : ''}momentum ${momentum}` : 'no momentum',
    weightDecay > 0 ? `weight decay ${weightDecay}` : 'no weight decay',
    sharpness > 0 ? `sharpness-aware (ρ ${sharpness})` : '',
    accumulate > 1 ? `batch ${batch} in ${accumulate} parts` : `batch ${batch}`,
    `${count(epochs, 'epoch')} a round`,
    augment.flip ? 'flips' : '',
    augment.crop > 0 ? `crops of ${count(augment.crop, 'pixel')}` : '',
    augment.cutout > 0 ? `cutout of ${count(augment.cutout, 'pixel')}` : '',
    mixup > 0 ? `mixup (α ${mixup})` : '',
    labelSmoothing > 0 ? `label smoothing ${labelSmoothing}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** What is pruned: where all kernels are, only the classifier needs a word. */
function prunableText({ pruneClassifier, prunable }: ExperimentConfig): string {
  const { convolutions = true, dense = true, embeddings = false } = prunable ?? {};
  if (convolutions && dense && !embeddings)
    return `classifier ${pruneClassifier ? 'pruned too' : 'not pruned'}`;
  const sets = [
    convolutions ? 'convolutions' : '',
    dense ? 'dense layers' : '',
    pruneClassifier ? 'classifier' : '',
    embeddings ? 'embeddings' : '',
  ].filter((set) => set !== '');
  return sets.length > 0 ? `of ${sets.join(', ')}` : 'of nothing';
}

/** Files that are started from, by name: where they lie says nothing about the result. */
function startText({ weights, mask }: Start): string {
  const parts = [
    ...(weights === undefined
      ? []
      : [
          `weights of ${basename(weights)} for every seed and ensemble member, in place of the initialisation`,
        ]),
    ...(mask === undefined ? [] : [`mask of ${basename(mask)} in round 0`]),
  ];
  return parts.join('; ');
}

/** What a configuration means, one line a subject: label and text. */
export function describeConfig(config: ExperimentConfig): { label: string; text: string }[] {
  const { ticket, swa, recipe, arms, seeds } = config;
  const length =
    ticket.epochs !== undefined ? count(ticket.epochs, 'epoch') : count(ticket.iterations ?? 0, 'iteration');
  const withSwa = arms.some((arm) => openArm(arm).swa(swa) !== null);
  const snapshots = swa.every === 'epoch' ? 'each epoch' : `every ${count(swa.every, 'iteration')}`;
  const lines = [
    {
      label: 'data',
      text: `${specText(config.dataset)}, ${100 * config.split.validation} % held out for validation`,
    },
    {
      label: 'model',
      text:
        config.start?.weights === undefined
          ? `${modelTitle(config.model)}, He normal initialisation (fan ${config.initialisation.fan})`
          : modelTitle(config.model),
    },
    ...(config.start ? [{ label: 'start', text: startText(config.start) }] : []),
    { label: 'ticket', text: `${length} at learning rate ${ticket.learningRate ?? recipe.learningRate}` },
    { label: 'recipe', text: recipeText(recipe) },
    ...(withSwa
      ? [
          {
            label: 'SWA',
            text: `from ${100 * swa.start} % of a training on, learning rate ${swa.learningRate}, snapshots ${snapshots}`,
          },
        ]
      : []),
    {
      label: 'sparsity',
      text: `${specText(config.sparsity)} by ${specText(config.criterion)}${config.scope ? `, ${specText(config.scope)}` : ''}, ${prunableText(config)}`,
    },
    { label: 'arms', text: arms.map((arm) => openArm(arm).label).join(', ') },
    { label: seeds.length === 1 ? 'seed' : 'seeds', text: seeds.join(', ') },
    ...ownText(config).map((text) => ({ label: 'own code', text })),
  ];
  return lines;
}
