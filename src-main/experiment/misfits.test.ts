import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { writeSafetensors } from '../checkpoint/safetensors.ts';
import { ConfigError, SwampError } from '../contract/errors.ts';
import { arms } from './arms/registry.ts';
import { parseConfig } from './config.ts';
import { problemOf } from './draft-problems.ts';
import { configOf, digitsResolved, planOf } from './plan.fixture.ts';
import { planExperiment, planNew } from './plan.ts';
import { resolveStart } from './start.ts';

// What does not fit together is refused before anything runs, with the reason and the way out, and in the window
// beside the field that it is about.

/** What is thrown. */
function refusal(make: () => unknown): SwampError {
  try {
    make();
  } catch (error) {
    if (error instanceof SwampError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const explicit = (...sparsities: number[]) => ({ sparsity: { kind: 'explicit', sparsities } });
const narrow = { model: { kind: 'lenet', hidden: [300, 2] } };
const groups = { scope: { kind: 'n-m', m: 4 }, ...explicit(0.75) };
const nothingHeldOut = { split: { validation: 0 } };
/** What the digits give where nothing is held out. */
const allTrains = new Map([[1, { digest: '1'.repeat(64), training: 8000, validation: 0 }]]);

const refused: [
  what: string,
  change: Record<string, unknown>,
  path: unknown[],
  says: RegExp,
  hint: RegExp,
][] = [
  [
    'a soup of nothing',
    { arms: ['imp', { kind: 'soup', factors: [] }] },
    ['arms', 1, 'factors'],
    /at least 2/,
    /./,
  ],
  ['a soup of one', { arms: [{ kind: 'soup', factors: [1] }] }, ['arms', 0, 'factors'], /at least 2/, /./],
  [
    'a soup of candidates that are the same',
    { arms: ['imp', 'soup'], recipe: { epochs: 10, optimizer: { weightDecay: 0 } } },
    ['arms', 1],
    /two candidates of the soup have weightDecay 0/,
    /weightDecay above 0, or vary another/,
  ],
  [
    'a soup of trainings of no epoch',
    { arms: [{ kind: 'soup', vary: 'epochs', factors: [0.01, 1] }] },
    ['arms', 0],
    /would train 0 epochs/,
    /larger factors/,
  ],
  [
    'a soup of trainings that end before a milestone',
    { arms: ['imp', { kind: 'soup', vary: 'epochs' }], model: { kind: 'resnet', depth: 8 }, recipe: {} },
    ['arms', 1],
    /trains 80 epochs \(factors\[0\]: 0\.5\), and never comes to the milestone .* at epoch 80/,
    /larger factors, earlier milestones/,
  ],
  [
    'a soup of trainings shorter than the warm-up',
    { arms: [{ kind: 'soup', vary: 'epochs' }], recipe: { epochs: 10, warmup: 400 } },
    ['arms', 0],
    /trains 5 epochs \(factors\[0\]: 0\.5\), which are 280 iterations, and recipe\.warmup takes 400/,
    /fewer iterations of warm-up/,
  ],
  [
    'averages that would begin later than they say',
    { arms: ['imp', { kind: 'rigl-swamp', swa: { start: 0.5 } }] },
    ['arms', 1, 'swa', 'start'],
    /0\.5 is before 0\.75, until when the mask changes/,
    /0\.75 or more, lower until/,
  ],
  [
    'the same of DPF',
    { arms: [{ kind: 'dpf-swamp', until: 0.6, swa: { start: 0.55 } }] },
    ['arms', 0, 'swa', 'start'],
    /0\.55 is before 0\.6,/,
    /0\.6 or more/,
  ],
  [
    'a ramp beyond the last update',
    { arms: ['imp', { kind: 'dpf', ramp: 0.9, until: 0.6 }] },
    ['arms', 1, 'ramp'],
    /rises until 0\.9 of the training, but the mask is updated until 0\.6/,
    /at most 0\.6/,
  ],
  [
    'the same with particles',
    { arms: [{ kind: 'dpf-swamp', ramp: 0.9 }] },
    ['arms', 0, 'ramp'],
    /updated until 0\.75/,
    /at most 0\.75/,
  ],
  [
    'a greedy soup with nothing held out',
    { arms: [{ kind: 'soup', vary: 'learningRate', average: 'greedy' }], ...nothingHeldOut },
    ['split', 'validation'],
    /a greedy soup chooses on validation/,
    /0\.1/,
  ],
  [
    'pools with nothing held out',
    { arms: ['lottery-pools'], ...nothingHeldOut },
    ['split', 'validation'],
    /Lottery Pools chooses on validation/,
    /0\.1/,
  ],
  [
    'RigL in a training too short for an update',
    { arms: ['imp', 'rigl'], recipe: { epochs: 1 } },
    ['arms', 1],
    /rigl, every 100 steps .* 56 steps: no update of the mask/,
    /every to fewer than 42 steps/,
  ],
  [
    'RigL under groups of N:M',
    { arms: [{ kind: 'rigl', every: 50 }], ...groups },
    ['scope'],
    /masks of rigl change a few weights/,
    /own/,
  ],
  [
    'SynFlow in many steps under groups of N:M',
    { arms: ['imp', 'synflow'], ...groups },
    ['arms', 1],
    /synflow prunes in 100 steps/,
    /"steps": 1/,
  ],
  [
    'a sparsity between those of N:M',
    { ...groups, ...explicit(0.8) },
    ['sparsity'],
    /80 %, which groups/,
    /0\.75/,
  ],
  [
    'a sparsity at which ERK empties a layer',
    { scope: 'erk', ...narrow, ...explicit(0.5, 0.99999) },
    ['sparsity'],
    /ERK densities would leave \S+ none/,
    /lower sparsity/,
  ],
  [
    'a sparsity at which equal densities empty a layer',
    { scope: 'uniform', ...narrow, ...explicit(0.5, 0.9999) },
    ['sparsity'],
    /uniform densities would leave dense2\/kernel none/,
    /lower sparsity/,
  ],
  [
    "the same of an arm's own densities",
    { arms: [{ kind: 'rigl', densities: 'uniform' }], ...narrow, ...explicit(0.9999) },
    ['sparsity'],
    /uniform densities would leave dense2\/kernel none/,
    /lower sparsity/,
  ],
];

test.each(refused)('%s is refused, beside what it is about', (_what, change, path, says, hint) => {
  const error = refusal(() =>
    planOf(change, change['split'] === nothingHeldOut.split ? { splits: allTrains } : {}),
  );
  expect(error).toBeInstanceOf(ConfigError);
  const problem = problemOf(error);
  expect(problem.path).toEqual(path);
  expect(problem.message).toMatch(says);
  expect(problem.hint).toMatch(hint);
});

describe('a schedule of round 0 alone', () => {
  const alone = { sparsity: { kind: 'geometric', rounds: 0 } };
  /** Arms that train something of their own in round 0, or prune nothing at all. */
  const whole = [
    'dense',
    'imp',
    'imp-ensemble',
    'imp-sam',
    'multi-sgd',
    'swamp',
    'swamp-plus',
    'instability',
  ];

  it.each([...arms.keys()].filter((kind) => !whole.includes(kind)))(
    'is refused with %s, which would do nothing of its own',
    (kind) => {
      const spec = kind === 'soup' ? { kind, vary: 'learningRate' } : { kind };
      const problem = problemOf(refusal(() => planOf({ arms: ['imp', spec], ...alone })));
      expect(problem.path).toEqual(['arms', 1]);
      expect(problem.message).toMatch(/would prune nothing: the sparsity schedule has round 0 alone/);
      expect(problem.hint).toMatch(/one round or more/);
    },
  );

  it('is taken where round 0 is a training of their own', () => {
    expect(planOf({ arms: whole, ...alone }).runs.map(({ rounds }) => rounds)).toEqual(whole.map(() => 1));
  });
});

describe('what is stored already', () => {
  const gmp = { arms: ['gmp'], sparsity: { kind: 'geometric', rounds: 0 } };
  const averaged = { arms: [{ kind: 'rigl-swamp', swa: { start: 0.5 } }] };
  const soup = { arms: [{ kind: 'soup', vary: 'epochs' }], recipe: { epochs: 10, warmup: 400 } };

  it.each([gmp, averaged, soup])('can be looked at whatever it holds: %j', (change) => {
    const config = configOf(change);
    expect(() => planNew({ config, resolved: digitsResolved })).toThrow(ConfigError);
    expect(planExperiment({ config, resolved: digitsResolved }).runs).toHaveLength(1);
  });

  it('can grow: only what is new is refused', () => {
    const config = configOf({ ...averaged, arms: [...averaged.arms, 'imp'] });
    const planning = { config, resolved: digitsResolved };
    expect(planNew(planning, config.arms.slice(1)).runs).toHaveLength(2);
    expect(() => planNew({ ...planning, config: configOf(gmp) })).toThrow(
      /^arms\[0\]: gmp would prune nothing/,
    );
  });
});

describe('a mask that is given', () => {
  const start = { mask: { digest: 'b'.repeat(64), names: 'swamp', alive: 200_000 } };
  const given = (arms: unknown[]) => planOf({ arms, start: { mask: '/m.npz' } }, { start });

  it.each(['set', 'rigl', 'rigl-swamp'])('is refused by %s, which draws its own', (kind) => {
    const problem = problemOf(refusal(() => given(['imp', kind])));
    expect(problem.path).toEqual(['start', 'mask']);
    expect(problem.message).toMatch(/(set|rigl|rigl\+swamp) draws masks of its own/);
    expect(problem.hint).toMatch(/Leave start\.mask out/);
  });

  it.each([
    'random',
    'snip',
    'grasp',
    'synflow',
    'gmp',
    'dpf',
    'dpf-swamp',
    'soup',
    'lottery-pools',
    'one-shot',
  ])('is what every mask of %s is made from', (kind) => {
    const { jobs } = given([kind === 'soup' ? { kind, vary: 'learningRate' } : kind]);
    const mask = jobs.find(({ spec }) => spec.kind === 'import')?.key;
    expect(mask).toBeDefined();
    /** Whether a job's mask is the given one, or made from it. */
    const under = (key: string): boolean => {
      if (key === mask) return true;
      const inputs = jobs.find((job) => job.key === key)?.inputs ?? [];
      return inputs.some(({ name, job }) => name === 'mask' && under(job));
    };
    const masked = jobs.filter(({ spec }) =>
      ['train-particle', 'train-group', 'prune', 'score', 'pool'].includes(spec.kind),
    );
    expect(masked.length).toBeGreaterThan(1);
    for (const { key, spec } of masked) expect(under(key), JSON.stringify(spec)).toBe(true);
  });
});

describe('a file with a mask', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-misfits-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'mask.safetensors');
  const shape = [28, 28, 1];

  /** What stands against starting from a mask of dense1/kernel [784, 8], in which `kept` says what is alive. */
  function problem(kept: (at: number) => boolean, change: Record<string, unknown>) {
    const data = Uint8Array.from({ length: 784 * 8 }, (_, at) => (kept(at) ? 1 : 0));
    writeSafetensors(file, new Map([['mask/dense1/kernel', { dtype: 'BOOL', shape: [784, 8], data }]]));
    const config = parseConfig({
      name: 'test',
      dataset: 'digits',
      model: { kind: 'lenet', hidden: [8] },
      recipe: { epochs: 1 },
      ...explicit(0.75),
      arms: ['imp'],
      start: { mask: file },
      ...change,
    });
    return problemOf(refusal(() => resolveStart(config, { shape, classes: 10 })));
  }

  it.each([
    [
      'of another shape',
      () => true,
      { model: { kind: 'lenet', hidden: [6] } },
      /\[784, 8\], the model's is \[784, 6\]/,
    ],
    [
      'of another model',
      () => true,
      { model: { kind: 'resnet', depth: 8, width: 4 }, recipe: { epochs: 1, schedule: 'cosine' } },
      /none of the tensors of .* has a name of resnet/,
    ],
    ['that prunes everything', () => false, {}, /keeps none of 6272 prunable weights/],
    [
      'whose groups of N:M have too little left',
      (at: number) => at >= 2 * 4 * 8,
      groups,
      /groups of 4 weights would keep \d+ weights, not 1568: the mask that is given has too few/,
    ],
  ] as const)('%s is refused, beside the mask', (_what, kept, change, says) => {
    const { path, message, hint } = problem(kept, change);
    expect(path).toEqual(['start', 'mask']);
    expect(message).toMatch(says);
    expect(hint).not.toBe('');
  });

  it('that leaves room in every group is taken', () => {
    // Every other input, so that of each four two are left.
    expect(() => problem((at) => Math.floor(at / 8) % 2 === 0, groups)).toThrow('it was not refused');
  });
});
