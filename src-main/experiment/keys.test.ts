import { describe, expect, it } from 'vitest';
import type { JobKey } from '../contract/ids.ts';
import type { JobInput, JobSpec, SpecOf } from '../contract/job.ts';
import { canonical, jobKey } from './keys.ts';

const task: SpecOf<'train-particle'>['task'] = {
  dataset: { kind: 'digits' },
  datasetDigest: 'd'.repeat(64),
  split: { validation: 0.1, seed: 1, digest: 'e'.repeat(64) },
  model: { kind: 'lenet', hidden: [300, 100] },
  pruneClassifier: false,
  precision: 'float32',
  backend: 'tensorflow-cpu',
  threads: 2,
};

const particle: SpecOf<'train-particle'> = {
  kind: 'train-particle',
  task,
  seed: 1,
  member: 0,
  round: 3,
  particle: 2,
  recipe: {
    optimizer: { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 1e-4, sharpness: 0 },
    learningRate: 0.1,
    schedule: { kind: 'cosine' },
    warmup: 0,
    batch: 128,
    epochs: 10,
    labelSmoothing: 0,
    mixup: 0,
    accumulate: 1,
    augment: { flip: false, crop: 0, cutout: 0 },
  },
  swa: { start: 0.5, learningRate: 0.05, every: 'epoch' },
};

const inputs: JobInput[] = [
  { name: 'ticket', job: 'a'.repeat(64) as JobKey, output: 'solution' },
  { name: 'mask', job: 'b'.repeat(64) as JobKey, output: 'mask' },
];

const key = (change: Partial<SpecOf<'train-particle'>>): JobKey => jobKey({ ...particle, ...change }, inputs);

describe('canonical', () => {
  it('sorts keys at every depth and leaves undefined fields out', () => {
    expect(canonical({ b: [{ d: 1, c: null }], a: undefined })).toBe('{"b":[{"c":null,"d":1}]}');
    expect(canonical({ z: 1, a: 2 })).toBe(canonical({ a: 2, z: 1 }));
    expect(canonical(-0)).toBe('0');
  });

  it('refuses what JSON would quietly turn into null', () => {
    expect(() => canonical({ rate: Number.NaN })).toThrow(/NaN/);
    expect(() => canonical([Infinity])).toThrow(/Infinity/);
  });
});

describe('jobKey', () => {
  // Stored results are found by these. If one changes, every library out there trains again: raise the
  // kind's number in NUMERICS on purpose, or give the new field an entry in NEUTRAL.
  it('gives the keys it always gave', () => {
    expect(jobKey(particle, inputs)).toBe('c57d43eb2fd460e5152a578414f9082f0e9ee23bac7a1a60e10c7dedc1c9596b');
    expect(jobKey({ kind: 'average' }, inputs)).toBe(
      '3fe1a8c1a3f9030107f7ab8006d4f4c949fb5cd1028be549841b1bf23a9d60f0',
    );
    const prune: JobSpec = {
      kind: 'prune',
      model: task.model,
      shape: [28, 28, 1],
      classes: 10,
      pruneClassifier: false,
      criterion: { kind: 'magnitude' },
      alive: 1000,
    };
    expect(jobKey(prune, inputs)).toBe('d023bde5e5764b640f54934d35816d39be2c395c0d25ef1095ab1f0d443ec886');
    // Of the time before a line could leave out its ends or look at fewer images.
    const line: JobSpec = { kind: 'connectivity', task, batch: 128, points: 11, trainingImages: 1000 };
    const ends = ['a', 'b'].map((job) => ({
      name: 'solution',
      job: job.repeat(64) as JobKey,
      output: job === 'a' ? 'solution' : 'solution-1',
    }));
    expect(jobKey(line, ends)).toBe('7ce2a0d1ce9989cbce470e50ec004c9b986d3b1f79fe9ec86b9688b50aa44dee');
    expect(jobKey({ ...line, ends: undefined, testImages: undefined }, ends)).toBe(jobKey(line, ends));
    expect(jobKey({ ...line, testImages: 0 }, ends)).not.toBe(jobKey(line, ends));
  });

  it('knows a definition from a file by its digest, not by where the file lies', () => {
    const own = { file: '/a/net.ts', digest: '1'.repeat(64), imports: ['x.ts'], title: 'Net' };
    const at = (source: object): JobKey => key({ task: { ...task, model: { kind: 'net', own: source } } });
    expect(at({ ...own, file: '/b/net2.ts', imports: [], title: 'Other' })).toBe(at(own));
    expect(at({ ...own, digest: '2'.repeat(64) })).not.toBe(at(own));
    expect(at(own)).not.toBe(key({ task: { ...task, model: { kind: 'net' } } }));
    const prune = (file: string, digest: string): JobKey =>
      jobKey(
        {
          kind: 'prune',
          model: { kind: 'net', own: { ...own, file } },
          shape: [28, 28, 1],
          classes: 10,
          pruneClassifier: false,
          criterion: { kind: 'odd', own: { ...own, file, digest } },
          alive: 1000,
        },
        inputs,
      );
    expect(prune('/a/x.ts', 'a')).toBe(prune('/b/x.ts', 'a'));
    expect(prune('/a/x.ts', 'a')).not.toBe(prune('/a/x.ts', 'b'));
  });

  it('does not depend on the order of fields', () => {
    const shuffled = Object.fromEntries(Object.entries(particle).reverse()) as typeof particle;
    expect(jobKey(shuffled, inputs)).toBe(jobKey(particle, inputs));
  });

  it('leaves neutral values out, so that a field added later with one changes no old key', () => {
    const { batch, epochs, learningRate, schedule } = particle.recipe;
    const { kind, momentum, weightDecay } = particle.recipe.optimizer;
    const oldest = { batch, epochs, learningRate, schedule, optimizer: { kind, momentum, weightDecay } };
    expect(key({ recipe: oldest as typeof particle.recipe })).toBe(key({}));
    const switches = [
      { labelSmoothing: 0.1 },
      { mixup: 0.2 },
      { accumulate: 2 },
      { augment: { flip: false, crop: 0, cutout: 8 } },
      { optimizer: { ...particle.recipe.optimizer, sharpness: 0.05 } },
    ];
    const keys = switches.map((change) => key({ recipe: { ...particle.recipe, ...change } }));
    expect(new Set([key({}), ...keys]).size).toBe(1 + switches.length);
    expect(key({ recipe: { ...particle.recipe, warmup: 5 } })).not.toBe(key({}));
    expect(key({ recipe: { ...particle.recipe, augment: { flip: true, crop: 0, cutout: 0 } } })).not.toBe(
      key({}),
    );
    expect(
      key({ recipe: { ...particle.recipe, optimizer: { ...particle.recipe.optimizer, nesterov: true } } }),
    ).not.toBe(key({}));
  });

  it('depends on the task, the place in the random tree, and every input in order', () => {
    const changed: JobKey[] = [
      key({}),
      key({ seed: 2 }),
      key({ member: 1 }),
      key({ round: 4 }),
      key({ particle: 3 }),
      key({ swa: null }),
      key({ task: { ...task, threads: 4 } }),
      key({ task: { ...task, backend: 'tensorflow-cuda' } }),
      key({ task: { ...task, datasetDigest: 'f'.repeat(64) } }),
      key({ task: { ...task, split: { ...task.split, digest: 'f'.repeat(64) } } }),
      jobKey(particle, [...inputs].reverse()),
      jobKey(particle, inputs.slice(0, 1)),
      jobKey(
        particle,
        inputs.map((input) => ({ ...input, job: 'c'.repeat(64) as JobKey })),
      ),
    ];
    expect(new Set(changed).size).toBe(changed.length);
  });

  it('knows that the classifier switch matters to pruning only', () => {
    expect(key({ task: { ...task, pruneClassifier: true } })).toBe(key({}));
    const prune = (pruneClassifier: boolean): JobKey =>
      jobKey(
        {
          kind: 'prune',
          model: task.model,
          shape: [28, 28, 1],
          classes: 10,
          pruneClassifier,
          criterion: { kind: 'magnitude' },
          alive: 1000,
        },
        inputs,
      );
    expect(prune(true)).not.toBe(prune(false));
  });

  it('knows what masks may prune by what is not the standard, in the job that makes a mask', () => {
    const standard = { convolutions: true, dense: true, embeddings: false };
    expect(key({ task: { ...task, prunable: { ...standard, dense: false } } })).toBe(key({}));
    const prune = (prunable?: typeof standard): JobKey =>
      jobKey(
        {
          kind: 'prune',
          model: task.model,
          shape: [28, 28, 1],
          classes: 10,
          pruneClassifier: false,
          ...(prunable && { prunable }),
          criterion: { kind: 'magnitude' },
          alive: 1000,
        },
        inputs,
      );
    expect(prune(standard)).toBe(prune());
    const others = [{ convolutions: false }, { dense: false }, { embeddings: true }];
    expect(new Set([prune(), ...others.map((other) => prune({ ...standard, ...other }))]).size).toBe(4);
  });
});
