import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { ExperimentConfig } from '../contract/experiment.ts';
import { Recipe, Swa } from '../contract/recipe.ts';
import { datasets } from '../datasets/registry.ts';
import { models } from '../models/registry.ts';
import { criteria } from '../pruning/criteria/registry.ts';
import { schedules } from '../pruning/schedules/registry.ts';
import { scopes } from '../pruning/scopes/registry.ts';
import { learningRates } from '../training/learning-rate/registry.ts';
import { arms } from './arms/registry.ts';
import { parseConfig, resolveLocations } from './config.ts';
import { applySet } from './overrides.ts';
import { findPreset, presets } from './presets.ts';

const base = {
  name: 'test',
  dataset: { kind: 'digits' },
  model: { kind: 'lenet' },
  arms: ['imp', { kind: 'swamp', particles: 4 }],
};

/** The message parseConfig refuses something with. */
function refusal(change: Record<string, unknown>, raw: unknown = { ...base, ...change }): string {
  try {
    parseConfig(raw);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('it was accepted');
}

describe('parseConfig', () => {
  it('fills in the defaults of the model, the schedule and the criterion', () => {
    const config = parseConfig(base);
    expect(config).toMatchObject({
      split: { validation: 0.1 },
      model: { kind: 'lenet', hidden: [300, 100] },
      initialisation: { kind: 'he-normal', fan: 'in' },
      recipe: {
        optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
        learningRate: 0.1,
        schedule: { kind: 'constant' },
        warmup: 0,
        batch: 128,
        epochs: 40,
        augment: { flip: false, crop: 0 },
      },
      ticket: { epochs: 1 },
      swa: { start: 0.5, learningRate: 0.05, every: 'epoch' },
      sparsity: { kind: 'geometric', fraction: 0.2, rounds: 18 },
      criterion: { kind: 'magnitude' },
      pruneClassifier: false,
      arms: [{ kind: 'imp' }, { kind: 'swamp', particles: 4 }],
      seeds: [1],
      engine: 'auto',
    });
    expect(config.threads).toBeUndefined();
  });

  it('gives the same again when it reads what it gave, also from disk', () => {
    for (const raw of [base, findPreset('demo').config]) {
      const config = parseConfig(raw);
      expect(parseConfig(config)).toEqual(config);
      expect(parseConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    }
  });

  it('lays a recipe over the default of the model, field by field', () => {
    const { recipe } = parseConfig({
      ...base,
      recipe: { epochs: 5, optimizer: { momentum: 0.9 }, schedule: 'cosine' },
    });
    expect(recipe.epochs).toBe(5);
    expect(recipe.batch).toBe(128);
    expect(recipe.optimizer).toEqual({
      kind: 'sgd',
      momentum: 0.9,
      nesterov: false,
      weightDecay: 0,
      sharpness: 0,
    });
    expect(recipe.schedule.kind).toBe('cosine');
    // The options of the default step schedule are not those of another kind.
    const resnet = parseConfig({
      ...base,
      model: { kind: 'resnet' },
      recipe: { schedule: { kind: 'cosine' } },
    });
    expect(resnet.recipe.schedule).toEqual({ kind: 'cosine', to: 0 });
  });

  it('lets a ticket in epochs replace one in iterations', () => {
    const raw = { ...base, model: 'resnet', ticket: { epochs: 2 } };
    expect(parseConfig(raw).ticket).toEqual({ epochs: 2 });
    expect(parseConfig({ ...raw, ticket: { learningRate: 0.05 } }).ticket).toEqual({
      iterations: 1000,
      learningRate: 0.05,
    });
    expect(refusal({ ticket: { epochs: 2, iterations: 5 } })).toBe(
      'ticket: give either epochs or iterations',
    );
  });

  it('reads SWAMP+ and the ablation grid', () => {
    const { arms } = parseConfig({
      ...base,
      arms: [
        'imp',
        { kind: 'swamp', particles: 1 },
        { kind: 'multi-sgd', particles: 4 },
        { kind: 'swamp', particles: 4 },
        {
          kind: 'swamp',
          particles: [
            { from: 0, particles: 1 },
            { from: 0.6, particles: 4 },
          ],
        },
        { kind: 'swamp', particles: 4, swa: { start: 0.75 } },
        'dense',
      ],
    });
    expect(arms).toHaveLength(7);
  });
});

describe('what parseConfig refuses', () => {
  it.each([
    [
      'an unknown key, naming the nearest',
      { recipe: { epoch: 3 } },
      'recipe.epoch: unknown key; did you mean "epochs"?',
    ],
    ['an unknown key at the top', { sparsty: 1 }, 'sparsty: unknown key; did you mean "sparsity"?'],
    [
      'an unknown key of a choice',
      { arms: [{ kind: 'swamp', particle: 3 }] },
      'arms[0].particle: unknown key; did you mean "particles"?',
    ],
    [
      'an unknown key in a nested default',
      { recipe: { optimizer: { momentun: 0.9 } } },
      'recipe.optimizer.momentun: unknown key; did you mean "momentum"?',
    ],
    [
      'particles 0',
      { arms: ['imp', { kind: 'swamp', particles: 0 }] },
      'arms[1].particles: 0 is out of range; it must be at least 1',
    ],
    [
      'fraction 1.5',
      { sparsity: { kind: 'geometric', fraction: 1.5, rounds: 3 } },
      'sparsity.fraction: 1.5 is out of range; it must be less than 1',
    ],
    [
      'sparsities that fall',
      { sparsity: { kind: 'explicit', sparsities: [0.5, 0.4] } },
      'sparsity.sparsities[1]: sparsities must rise from round to round, but round 2 has 0.4 after 0.5',
    ],
    ['an unknown model', { model: 'vgg' }, 'model: there is no model "vgg"; known models: lenet, resnet'],
    [
      'an unknown data set',
      { dataset: { kind: 'mnist' } },
      'dataset.kind: there is no dataset "mnist"; known datasets: digits, cifar10, cifar100, idx, images',
    ],
    [
      'an unknown arm',
      { arms: ['imp', { kind: 'swmp' }] },
      `arms[1].kind: there is no arm "swmp"; known arms: ${[...arms.keys()].join(', ')}`,
    ],
    [
      'an unknown sparsity schedule',
      { sparsity: 'linear' },
      'sparsity: there is no sparsity schedule "linear"; known sparsity schedules: geometric, cubic, explicit',
    ],
    [
      'an unknown criterion',
      { criterion: 'snip' },
      'criterion: there is no criterion "snip"; known criteria: magnitude',
    ],
    [
      'an unknown learning-rate schedule',
      { recipe: { schedule: { kind: 'exp' } } },
      'recipe.schedule.kind: there is no learning-rate schedule "exp"; known learning-rate schedules: constant, step, cosine',
    ],
    ['two equal arms', { arms: ['imp', 'imp'] }, 'arms[1]: imp is already arms[0]'],
    [
      'two arms equal once defaults are filled in',
      { arms: ['swamp', { kind: 'swamp', particles: 4 }] },
      'arms[1]: swamp(4) is already arms[0]',
    ],
    ['two equal seeds', { seeds: [1, 2, 1] }, 'seeds[2]: seed 1 is already seeds[0]'],
    ['no arms', { arms: [] }, `arms: must name at least one arm; known arms: ${[...arms.keys()].join(', ')}`],
    [
      'an ensemble of one',
      { arms: [{ kind: 'imp-ensemble', members: 1 }] },
      'arms[0].members: 1 is out of range; it must be at least 2',
    ],
    ['no seeds', { seeds: [] }, 'seeds: must have at least 1 entry'],
    ['a seed that is no number', { seeds: 1 }, 'seeds: 1 must be a list in brackets'],
    ['half a seed', { seeds: [0.5] }, 'seeds[0]: 0.5 must be a whole number'],
    [
      'a negative rate',
      { recipe: { learningRate: -1 } },
      'recipe.learningRate: -1 is out of range; it must be greater than 0',
    ],
    ['a word for a switch', { pruneClassifier: 'yes' }, 'pruneClassifier: "yes" must be true or false'],
    ['an unknown engine', { engine: 'tpu' }, 'engine: "tpu" must be "auto" or "cpu" or "cuda" or "wasm"'],
    [
      'a whole number for half an epoch',
      { recipe: { epochs: 1.5 } },
      'recipe.epochs: 1.5 must be a whole number',
    ],
    [
      'SWA that starts at the end',
      { swa: { start: 1 } },
      'swa.start: 1 is out of range; it must be less than 1',
    ],
    [
      'a word where an epoch or a number of iterations belongs',
      { swa: { every: 'step' } },
      'swa.every: "step" must be "epoch" or a number',
    ],
    [
      'a depth no ResNet has',
      { model: { kind: 'resnet', depth: 9 } },
      'model.depth: 9 must be 6n + 2: 8, 14, 20, 32, 44, 56, 110',
    ],
    [
      'parts that a batch cannot be divided into',
      { recipe: { batch: 100, accumulate: 8 } },
      'recipe.accumulate: a batch of 100 images cannot be divided into 8 equal parts; give a divisor of it, such as 5',
    ],
    [
      'Nesterov without momentum',
      { recipe: { optimizer: { nesterov: true } } },
      'recipe.optimizer.nesterov: true needs momentum, but recipe.optimizer.momentum is 0; give one above 0, such as 0.9, or false here',
    ],
    [
      'milestones beyond the end',
      { model: 'resnet', recipe: { epochs: 100 } },
      'recipe.schedule.milestones[1]: epoch 120 never comes: recipe.epochs is 100; give earlier milestones or another recipe.schedule',
    ],
    [
      'a name that is no file name',
      { name: 'a/b' },
      'name: "a/b" must be letters, digits, ".", "_" and "-", starting with a letter or digit',
    ],
    [
      'validation on everything',
      { split: { validation: 1 } },
      'split.validation: 1 is out of range; it must be less than 1',
    ],
    [
      'no data set',
      { dataset: undefined },
      'dataset: missing; known datasets: digits, cifar10, cifar100, idx, images',
    ],
    ['no name', { name: undefined }, 'name: missing; it must be a string'],
  ])('%s', (_what, change, message) => {
    expect(refusal(change)).toBe(message);
  });

  it('names all problems in one message, path first', () => {
    expect(
      refusal({
        arms: ['imp', { kind: 'swamp', particles: 0 }],
        split: { validation: 2 },
        seeds: [1, 1],
        colour: 'red',
      }),
    ).toBe(
      [
        '4 problems:',
        `  colour: unknown key; known keys: name, dataset, split, model, initialisation, recipe, ticket, swa, sparsity, criterion, scope, start, pruneClassifier, prunable, arms, seeds, threads, workers, engine`,
        '  split.validation: 2 is out of range; it must be less than 1',
        '  seeds[1]: seed 1 is already seeds[0]',
        '  arms[1].particles: 0 is out of range; it must be at least 1',
      ].join('\n'),
    );
  });

  it.each([[null], [[]], ['demo'], [3]])('%j, which is no experiment', (raw) => {
    expect(refusal({}, raw)).toBe(`an experiment is an object in braces, not ${JSON.stringify(raw)}`);
  });

  it('a --set path that means nothing', () => {
    expect(refusal({}, applySet(base, ['recipe.epchs=3']))).toBe(
      'recipe.epchs: unknown key; did you mean "epochs"?',
    );
  });
});

describe('resolveLocations', () => {
  it('makes the paths of a data set absolute, and touches nothing else', () => {
    const at = (path: string) =>
      resolveLocations(
        parseConfig(applySet(findPreset('cifar10-small').config, [`dataset.path=${path}`])),
        '/home',
      );
    expect(at('../data').dataset).toEqual({ kind: 'cifar10', path: '/data', train: 10_000, size: 16 });
    expect(at('/mnt/data').dataset['path']).toBe('/mnt/data');
    const digits = parseConfig(base);
    expect(resolveLocations(digits, '/home')).toEqual(digits);
  });
});

describe('presets', () => {
  it('are valid as they are', () => {
    for (const preset of presets.values()) expect(parseConfig(preset.config).name).toBe(preset.name);
  });

  it('an unknown one names the nearest', () => {
    expect(() => findPreset('demmo')).toThrow('there is no preset "demmo": did you mean "demo"?');
    expect(() => findPreset('imagenet')).toThrow(`known presets: ${[...presets.keys()].join(', ')}`);
  });
});

describe('docs/experiment-file.md', () => {
  const text = readFileSync(new URL('../../docs/experiment-file.md', import.meta.url), 'utf8');

  it('names every key, every key of the recipe and every arm', () => {
    const words = [
      ...Object.keys(ExperimentConfig.shape),
      ...Object.keys(Recipe.shape),
      ...Object.keys(Swa.shape),
      ...[datasets, models, schedules, criteria, scopes, learningRates, arms].flatMap((all) => [
        ...all.keys(),
      ]),
    ];
    expect(words.filter((word) => !text.includes(`\`${word}\``))).toEqual([]);
  });

  it('opens with an experiment that is valid', () => {
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
    expect(parseConfig(JSON.parse(json)).arms).toHaveLength(3);
  });
});
