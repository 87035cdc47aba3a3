import { describe, expect, it } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { arms } from './arms/registry.ts';
import { parseConfig } from './config.ts';
import { applySet } from './overrides.ts';
import { findPreset, presets } from './presets.ts';
import { expandSweep, type Variant } from './sweep.ts';

const base = {
  name: 'test',
  dataset: 'digits',
  model: 'lenet',
  arms: ['imp', { kind: 'swamp', particles: 4 }],
};

const expand = (change: Record<string, unknown>): Variant[] => expandSweep({ ...base, ...change });
const names = (change: Record<string, unknown>): string[] => expand(change).map(({ name }) => name);

/** The message something is refused with. */
function refusal(change: Record<string, unknown>): string {
  try {
    expand(change);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('it was accepted');
}

describe('lists of choices', () => {
  it('make the experiments of their product, in the order of the file', () => {
    const variants = expand({
      recipe: { learningRate: [0.1, 0.05], optimizer: { weightDecay: [0, 1e-4] } },
      seeds: [1, 2],
    });
    expect(
      variants.map(({ config }) => [config.recipe.learningRate, config.recipe.optimizer.weightDecay]),
    ).toEqual([
      [0.1, 0],
      [0.1, 1e-4],
      [0.05, 0],
      [0.05, 1e-4],
    ]);
    expect(variants.map(({ name }) => name)).toEqual([
      'test-learningRate-0.1-weightDecay-0',
      'test-learningRate-0.1-weightDecay-0.0001',
      'test-learningRate-0.05-weightDecay-0',
      'test-learningRate-0.05-weightDecay-0.0001',
    ]);
    expect(variants[3]?.choices).toEqual([
      { path: 'recipe.learningRate', value: 0.05, index: 1 },
      { path: 'recipe.optimizer.weightDecay', value: 1e-4, index: 1 },
    ]);
    // Each is what the file would be with the values written in place.
    expect(variants[1]?.config).toEqual(
      parseConfig({
        ...base,
        name: 'test-learningRate-0.1-weightDecay-0.0001',
        recipe: { learningRate: 0.1, optimizer: { weightDecay: 1e-4 } },
        seeds: [1, 2],
      }),
    );
  });

  it.each([
    [
      'an option of the model',
      { model: { kind: 'resnet', width: [8, 16] } },
      ['test-width-8', 'test-width-16'],
    ],
    ['a kind', { model: ['lenet', 'resnet'] }, ['test-model-lenet', 'test-model-resnet']],
    [
      'a kind by its key',
      { model: { kind: ['lenet', 'resnet'] } },
      ['test-model-lenet', 'test-model-resnet'],
    ],
    [
      'the SWA phase',
      { swa: { learningRate: [0.05, 0.01] } },
      ['test-learningRate-0.05', 'test-learningRate-0.01'],
    ],
    ['a word or a number', { swa: { every: ['epoch', 10] } }, ['test-every-epoch', 'test-every-10']],
    [
      'a switch',
      { pruneClassifier: [false, true] },
      ['test-pruneClassifier-false', 'test-pruneClassifier-true'],
    ],
    ['a field without default', { threads: [1, 2] }, ['test-threads-1', 'test-threads-2']],
    [
      'a schedule',
      { recipe: { schedule: ['constant', 'cosine'] } },
      ['test-schedule-constant', 'test-schedule-cosine'],
    ],
    ['whole objects', { ticket: [{ epochs: 1 }, { iterations: 9 }] }, ['test-ticket-1', 'test-ticket-2']],
    [
      'options of a schedule',
      { sparsity: { kind: 'geometric', fraction: [0.2, 0.5], rounds: 3 } },
      ['test-fraction-0.2', 'test-fraction-0.5'],
    ],
    [
      'what goes into an object beside a kind',
      { model: [{ kind: 'lenet', hidden: [9] }, 'lenet'] },
      ['test-model-lenet-1', 'test-model-lenet'],
    ],
    ['one value is one experiment', { recipe: { learningRate: [0.1] } }, ['test']],
    ['no list at all', {}, ['test']],
  ])('%s', (_what, change, expected) => {
    expect(names(change)).toEqual(expected);
  });

  it('of lists, where a list belongs', () => {
    expect(
      expand({ model: { kind: 'lenet', hidden: [[300, 100], [50]] } }).map(({ config }) => config.model),
    ).toEqual([
      { kind: 'lenet', hidden: [300, 100] },
      { kind: 'lenet', hidden: [50] },
    ]);
    expect(expand({ seeds: [[1, 2], [3]] }).map(({ config, name }) => [name, config.seeds])).toEqual([
      ['test-seeds-1-2', [1, 2]],
      ['test-seeds-3', [3]],
    ]);
    const explicit = expand({ sparsity: { kind: 'explicit', sparsities: [[0.5, 0.8], [0.9]] } });
    expect(explicit.map(({ config }) => config.sparsity['sparsities'])).toEqual([[0.5, 0.8], [0.9]]);
    expect(names({ arms: [['imp'], ['imp', 'swamp']] })).toEqual(['test-arms-imp', 'test-arms-imp-swamp']);
  });

  it('inside choices, and beside them', () => {
    const variants = expand({
      model: [
        { kind: 'lenet', hidden: [[9], [8, 7]] },
        { kind: 'resnet', depth: 8 },
      ],
      recipe: { epochs: [1, 2], schedule: 'cosine' },
    });
    expect(
      variants.map(({ config: { model, recipe } }) => [model['hidden'] ?? model['depth'], recipe.epochs]),
    ).toEqual([
      [[9], 1],
      [[9], 2],
      [[8, 7], 1],
      [[8, 7], 2],
      [8, 1],
      [8, 2],
    ]);
    expect(new Set(variants.map(({ name }) => name)).size).toBe(6);
  });

  it('are set on the command line as well', () => {
    const raw = applySet(findPreset('demo').config, ['recipe.learningRate=[0.1,0.05]', 'seeds=[1,2]']);
    expect(expandSweep(raw).map(({ name }) => name)).toEqual([
      'demo-learningRate-0.1',
      'demo-learningRate-0.05',
    ]);
  });

  it('leave what has none as it is', () => {
    for (const { config } of presets.values()) {
      expect(expandSweep(config).map((variant) => variant.config)).toEqual([parseConfig(config)]);
    }
  });

  it('are numbered where their values make no names', () => {
    const epochs = Array.from({ length: 10 }, (_, index) => index + 1);
    expect(names({ name: 'n'.repeat(60), recipe: { epochs } })[9]).toBe(`${'n'.repeat(57)}-10`);
    expect(names({ dataset: { kind: 'cifar10', path: ['a/data', 'b/data'] } })).toEqual(['test-1', 'test-2']);
  });
});

describe('in arms', () => {
  it('a list makes several arms of one experiment, in its place', () => {
    const [only, ...others] = expand({
      arms: [{ kind: 'swamp', particles: [2, 4], swa: { start: [0.5, 0.75] } }, 'imp'],
    });
    expect(others).toEqual([]);
    expect(only?.config.arms).toEqual([
      { kind: 'swamp', particles: 2, swa: { start: 0.5 } },
      { kind: 'swamp', particles: 2, swa: { start: 0.75 } },
      { kind: 'swamp', particles: 4, swa: { start: 0.5 } },
      { kind: 'swamp', particles: 4, swa: { start: 0.75 } },
      { kind: 'imp' },
    ]);
    expect(only?.name).toBe('test');
  });

  it('steps of SWAMP+ are one arm, and may be a choice or hold some', () => {
    const steps = (particles: unknown) => [
      { from: 0, particles: 1 },
      { from: 0.6, particles },
    ];
    expect(expand({ arms: [{ kind: 'swamp', particles: steps(4) }] })[0]?.config.arms).toHaveLength(1);
    expect(expand({ arms: [{ kind: 'swamp', particles: [8, steps(4)] }] })[0]?.config.arms).toEqual([
      { kind: 'swamp', particles: 8 },
      { kind: 'swamp', particles: steps(4) },
    ]);
    expect(expand({ arms: [{ kind: 'swamp', particles: steps([2, 4]) }] })[0]?.config.arms).toEqual([
      { kind: 'swamp', particles: steps(2) },
      { kind: 'swamp', particles: steps(4) },
    ]);
  });

  it('and beside them a list makes experiments with all arms', () => {
    const variants = expand({
      arms: ['imp', { kind: 'swamp', particles: [1, 2] }],
      recipe: { epochs: [1, 2] },
    });
    expect(variants.map(({ config }) => [config.recipe.epochs, config.arms.length])).toEqual([
      [1, 3],
      [2, 3],
    ]);
  });
});

describe('what is refused', () => {
  it.each([
    [
      'a wrong entry, by its place',
      { recipe: { learningRate: [0.1, -1] } },
      'recipe.learningRate[1]: -1 is out of range; it must be greater than 0',
    ],
    [
      'an entry of another form',
      { recipe: { epochs: [5, 'many'] } },
      'recipe.epochs[1]: "many" must be a number',
    ],
    [
      'only wrong entries',
      { model: { kind: 'resnet', depth: [9] } },
      'model.depth[0]: 9 must be 6n + 2: 8, 14, 20, 32, 44, 56, 110',
    ],
    [
      'an unknown choice',
      { model: ['lenet', 'vgg'] },
      'model[1]: there is no model "vgg"; known models: lenet, resnet',
    ],
    [
      'an entry of an arm',
      { arms: ['imp', { kind: 'swamp', particles: [2, 0] }] },
      'arms[1].particles[1]: 0 is out of range; it must be at least 1',
    ],
    [
      'an arm that is there twice, by the places in the file',
      {
        arms: [
          { kind: 'swamp', particles: [2, 4] },
          { kind: 'swamp', particles: 4 },
        ],
      },
      'arms[1]: swamp(4) is already arms[0]',
    ],
    [
      'a mistake inside a choice',
      { model: ['lenet', { kind: 'resnet', widht: 8 }] },
      'model[1].widht: unknown key; did you mean "width"?',
    ],
    [
      'a mistake that only some choices make',
      { model: { kind: ['lenet', 'resnet'], hidden: [20] } },
      'model.hidden: unknown key; known keys: kind, depth, width (where model.kind is "resnet")',
    ],
    [
      'what another choice makes impossible',
      { model: 'resnet', recipe: { epochs: [160, 100] } },
      'recipe.schedule.milestones[1]: epoch 120 never comes: recipe.epochs is 100; give earlier milestones or another recipe.schedule (where recipe.epochs is 100)',
    ],
    [
      'a value that is there twice',
      { recipe: { epochs: [5, 6, 5] } },
      'recipe.epochs[2]: 5 is already recipe.epochs[0]',
    ],
    ['a list for the name', { name: ['a', 'b'] }, 'name: ["a","b"] must be a string'],
    ['an empty list', { recipe: { epochs: [] } }, 'recipe.epochs: [] must be a number'],
    [
      'an unknown key',
      { recipe: { lerningRate: [1, 2] } },
      'recipe.lerningRate: unknown key; did you mean "learningRate"?',
    ],
    ['a wrong seed, which is no choice', { seeds: [1, 0.5] }, 'seeds[1]: 0.5 must be a whole number'],
    [
      'a wrong layer, which is no choice',
      { model: { kind: 'lenet', hidden: [30, 0] } },
      'model.hidden[1]: 0 is out of range; it must be greater than 0',
    ],
    [
      'falling sparsities, which are no choice',
      { sparsity: { kind: 'explicit', sparsities: [0.5, 0.4] } },
      'sparsity.sparsities[1]: sparsities must rise from round to round, but round 2 has 0.4 after 0.5',
    ],
    [
      'an unknown arm, which is no choice',
      { arms: ['imp', 'swmp'] },
      `arms[1]: there is no arm "swmp"; known arms: ${[...arms.keys()].join(', ')}`,
    ],
  ])('%s', (_what, change, message) => {
    expect(refusal(change)).toBe(message);
  });

  it('too many, before they are made', () => {
    const many = Array.from({ length: 100 }, (_, index) => (index + 1) / 1000);
    expect(
      refusal({
        recipe: { learningRate: many, optimizer: { weightDecay: many } },
        swa: { learningRate: many },
      }),
    ).toBe('the lists of choices make 1000000 experiments; 256 is the most at a time');
    expect(
      refusal({ arms: [{ kind: 'swamp', particles: Array.from({ length: 300 }, (_, index) => index + 1) }] }),
    ).toBe('the lists of choices make 300 arms; 256 is the most at a time');
  });

  it('all problems at once', () => {
    expect(refusal({ recipe: { epochs: [0, 1] }, swa: { start: [0.5, 2] }, seeds: [] })).toBe(
      [
        '3 problems:',
        '  seeds: must have at least 1 entry',
        '  recipe.epochs[0]: 0 is out of range; it must be greater than 0',
        '  swa.start[1]: 2 is out of range; it must be less than 1',
      ].join('\n'),
    );
  });
});
