import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { parseConfig } from './config.ts';
import { checkExtension, planExtension, withAdditions, type Additions } from './extend.ts';
import { planFork, trainingsShared } from './fork.ts';
import { applySet } from './overrides.ts';
import { planExperiment } from './plan.ts';
import { resolvedOf, type StoredResolution } from './resolve.ts';
import { prepareExperiment, prepareStored, type Prepared } from './studio.ts';

const id = 'test-12ab' as ExperimentId;

/** What the digits give, with another split for each seed. */
const resolution: StoredResolution = {
  dataset: { title: 'digits', digest: 'd'.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
  splits: Object.fromEntries([1, 2].map((seed) => [seed, split(seed)])),
  precision: 'float32',
  backend: 'tensorflow-cpu',
  threads: 3,
  workers: 2,
};
function split(seed: number): StoredResolution['splits'][string] {
  return { digest: String(seed).repeat(64), training: 7200, validation: 800 };
}
const dataFor = ({ seeds }: ExperimentConfig) => ({
  dataset: resolution.dataset,
  splits: Object.fromEntries(seeds.map((seed) => [seed, split(seed)])),
});

const raw = {
  name: 'test',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [20] },
  recipe: { epochs: 2 },
  sparsity: { kind: 'geometric', fraction: 0.3, rounds: 2 },
  arms: ['imp', { kind: 'swamp', particles: 2 }],
  seeds: [1, 2],
};
function prepared(change: Record<string, unknown> = {}): Prepared {
  const config = parseConfig({ ...raw, ...change });
  return { config, resolution, plan: planExperiment({ config, resolved: resolvedOf(resolution) }) };
}
const stored = prepared();

function extended(additions: Additions, set: string[] = [], from = stored): Prepared {
  const config = parseConfig(applySet(withAdditions(from.config, additions), set));
  return planExtension(id, from, config, dataFor(config));
}

function refusal(additions: Additions, set: string[] = [], from = stored): string {
  try {
    extended(additions, set, from);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('it was accepted');
}

describe('arms that would not keep to what they say', () => {
  const arm = { kind: 'dpf', ramp: 0.9, until: 0.5 };
  const says =
    /^arms\[\d\]\.ramp: sparsity rises until 0\.9 of the training, but the mask is updated until 0\.5/;

  it('are refused in a new experiment, a fork and an extension', () => {
    const { config } = prepared({ arms: ['imp', arm] });
    expect(() => prepareExperiment(config, dataFor(config), { variant: 'cpu' })).toThrow(says);
    expect(() => planFork(stored, config, dataFor(config), { variant: 'cpu' })).toThrow(says);
    expect(refusal({ arms: [arm] })).toMatch(says);
  });

  it('stay where they are stored, and others come to them', () => {
    const from = prepared({ arms: [arm] });
    expect(prepareStored(from.config, from.resolution).plan.runs).toHaveLength(2);
    expect(extended({ arms: ['imp'] }, [], from).plan.runs).toHaveLength(4);
  });
});

const keysOf = ({ plan }: Prepared): string[] => plan.jobs.map(({ key }) => key);
/** Trainings by run of jobs that are not in the stored plan. */
function newTrainings(now: Prepared): Record<string, number> {
  const old = new Set(keysOf(stored));
  const training = new Set(
    now.plan.jobs.filter(({ spec }) => spec.kind.startsWith('train-')).map(({ key }) => key),
  );
  const counts = now.plan.runs.map(({ slug, seed, links }) => {
    const fresh = new Set(links.map(({ job }) => job).filter((job) => training.has(job) && !old.has(job)));
    return [`${slug}/${seed}`, fresh.size] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('extending', () => {
  it.each<[string, Additions, string[], Record<string, number>]>([
    ['more rounds', { rounds: 4 }, [], { 'imp/1': 2, 'imp/2': 2, 'swamp-2/1': 4, 'swamp-2/2': 4 }],
    [
      'more rounds by --set',
      {},
      ['sparsity.rounds=3'],
      { 'imp/1': 1, 'imp/2': 1, 'swamp-2/1': 2, 'swamp-2/2': 2 },
    ],
    // A ticket, three rounds of imp and three of two particles.
    ['another seed', { seeds: [2, 3] }, [], { 'imp/3': 1 + 3, 'swamp-2/3': 1 + 6 }],
    // Round 0 of the ensemble's other member has a ticket of its own.
    [
      'another arm',
      { arms: [{ kind: 'imp-ensemble', members: 2 }] },
      [],
      { 'imp-ensemble-2/1': 4, 'imp-ensemble-2/2': 4 },
    ],
    // Two of the four particles of round 0 are there; after it the masks differ.
    ['more particles', { particles: 4 }, [], { 'swamp-4/1': 2 + 4 + 4, 'swamp-4/2': 2 + 4 + 4 }],
    ['an arm that trains nothing new', { arms: ['dense'] }, [], {}],
    ['workers', {}, ['workers=1'], {}],
    ['where the data are', {}, ['dataset.path=/elsewhere'], {}],
  ])('with %s trains only that', (what, additions, set, expected) => {
    const from = what.startsWith('where')
      ? prepared({ dataset: { kind: 'cifar10', path: '/data' }, model: { kind: 'lenet', hidden: [20] } })
      : stored;
    const now = extended(additions, set, from);
    if (from === stored) expect(newTrainings(now)).toEqual(expected);
    const keys = new Set(keysOf(now));
    expect(keysOf(from).filter((key) => !keys.has(key))).toEqual([]);
    // Nothing that was linked to a run has left it.
    for (const run of from.plan.runs) {
      const { links } = now.plan.runs.find(({ slug, seed }) => slug === run.slug && seed === run.seed) ?? {
        links: [],
      };
      expect(links).toEqual(expect.arrayContaining([...run.links]));
    }
    expect(now.resolution).toMatchObject({ threads: 3, backend: 'tensorflow-cpu' });
  });

  it('gives the plan that a new experiment would have', () => {
    const now = extended({ rounds: 4, seeds: [3], particles: 4, arms: ['dense'] });
    const fresh = planExperiment({ config: now.config, resolved: resolvedOf(now.resolution) });
    expect(keysOf(now)).toEqual(fresh.jobs.map(({ key }) => key));
    expect(now.plan.rounds.slice(0, 3)).toEqual(stored.plan.rounds);
    expect(now.plan.rounds).toHaveLength(5);
  });

  it('a list of sparsities grows at its end', () => {
    const from = prepared({ sparsity: { kind: 'explicit', sparsities: [0.5, 0.75] } });
    expect(extended({}, ['sparsity.sparsities=[0.5,0.75,0.9]'], from).plan.rounds).toHaveLength(4);
    expect(refusal({}, ['sparsity.sparsities=[0.5,0.8,0.9]'], from)).toBe(
      'this would change what test-12ab holds: sparsity.sparsities [0.5,0.75] → [0.5,0.8,0.9]: imp would be another from round 2 on',
    );
    expect(() => withAdditions(from.config, { rounds: 5 })).toThrow(/"explicit" has no number of rounds/);
  });

  it('adds particles to each arm of SWAMP with its own settings, or a first one', () => {
    const from = prepared({
      arms: [
        { kind: 'swamp', particles: 2 },
        { kind: 'swamp', particles: 2, swa: { start: 0.75 } },
        { kind: 'swamp', particles: 4 },
      ],
    });
    expect(parseConfig(withAdditions(from.config, { particles: 4 })).arms.slice(3)).toEqual([
      { kind: 'swamp', particles: 4, swa: { start: 0.75 } },
    ]);
    const none = prepared({ arms: ['imp'] });
    expect(parseConfig(withAdditions(none.config, { particles: 4 })).arms[1]).toEqual({
      kind: 'swamp',
      particles: 4,
    });
    expect(() => parseConfig(withAdditions(none.config, { particles: 0 }))).toThrow(
      /arms\[1\].particles: 0 is out of range/,
    );
  });
});

describe('what extending refuses', () => {
  it.each<[string, Additions, string[], string]>([
    ['another recipe', {}, ['recipe.epochs=3'], 'recipe.epochs 2 → 3: imp would be another from round 0 on'],
    ['fewer rounds', { rounds: 1 }, [], 'sparsity.rounds 2 → 1: imp has round 2, which would be dropped'],
    [
      'another fraction',
      {},
      ['sparsity.fraction=0.5'],
      'sparsity.fraction 0.3 → 0.5: imp would be another from round 1 on',
    ],
    ['a seed less', {}, ['seeds=[2,3]'], 'seeds [1,2] → [2,3]: seed 1 would be dropped'],
    ['an arm less', {}, ['arms=["imp"]'], 'arms imp, swamp(2) → imp: swamp(2) would be dropped'],
    [
      'an arm changed',
      {},
      ['arms[1].particles=3'],
      'arms imp, swamp(2) → imp, swamp(3): swamp(2) would be dropped',
    ],
    ['other threads', {}, ['threads=1'], 'threads – → 1: imp would be another from round 0 on'],
    ['another engine', {}, ['engine=cuda'], 'engine auto → cuda: imp would be another from round 0 on'],
    ['another name', {}, ['name=other'], 'name: an experiment keeps its name'],
    [
      'another kind of schedule, as one change',
      {},
      ['sparsity={"kind":"explicit","sparsities":[0.5,0.6]}'],
      'sparsity {"kind":"geometric","fraction":0.3,"rounds":2} → {"kind":"explicit","sparsities":[0.5,0.6]}: imp would be another from round 1 on',
    ],
    [
      'only what is to blame',
      { rounds: 3 },
      ['swa.learningRate=0.01', 'recipe.batch=64'],
      'recipe.batch 128 → 64: imp would be another from round 0 on; swa.learningRate 0.05 → 0.01: swamp(2) would be another from round 0 on',
    ],
  ])('%s', (_what, additions, set, message) => {
    expect(refusal(additions, set)).toBe(
      message.startsWith('name') ? message : `this would change what test-12ab holds: ${message}`,
    );
  });

  it('rounds that leave no weight', () => {
    expect(refusal({ rounds: 60 })).toMatch(
      /sparsity.rounds 2 → 60: sparsity: round \d+ would leave 0 of 15680 weights/,
    );
  });

  it('nothing to add', () => {
    expect(() => checkExtension(id, stored, stored.config)).toThrow(
      'nothing to add: test-12ab has all of this already',
    );
    expect(refusal({ seeds: [1], particles: 2, rounds: 2 })).toMatch(/^nothing to add/);
  });

  it('data that are not what they were', () => {
    const config = parseConfig(withAdditions(stored.config, { seeds: [3] }));
    const data = dataFor(config);
    const other = { ...data, dataset: { ...data.dataset, digest: 'e'.repeat(64) } };
    expect(() => planExtension(id, stored, config, other)).toThrow(DataError);
    expect(() => planExtension(id, stored, config, other)).toThrow(
      /then digits, digest dddddddddddd; now digits, digest eeeeeeeeeeee/,
    );
  });
});

describe('an experiment that starts from a file', () => {
  const file = { digest: 'a'.repeat(64), names: 'swamp' };
  const config = parseConfig({ ...raw, start: { weights: '/weights.safetensors' } });
  const started = { ...resolution, start: { weights: file } };
  const from: Prepared = {
    config,
    resolution: started,
    plan: planExperiment({ config, resolved: resolvedOf(started) }),
  };
  const grown = parseConfig(withAdditions(config, { rounds: 3 }));

  it('grows with the same file, wherever it lies', () => {
    const moved = { ...grown, start: { weights: '/elsewhere.safetensors', names: 'auto' } };
    for (const now of [grown, moved]) {
      const data = { ...dataFor(now), start: { weights: file } };
      expect(planExtension(id, from, now, data).resolution.start).toEqual({ weights: file });
    }
  });

  it('does not with another', () => {
    const data = { ...dataFor(grown), start: { weights: { ...file, digest: 'b'.repeat(64) } } };
    expect(() => planExtension(id, from, grown, data)).toThrow(
      'start.weights: the file is not the one that test-12ab was started from',
    );
    const without = parseConfig({ ...grown, start: undefined });
    expect(() => planExtension(id, from, without, dataFor(without))).toThrow(
      /an experiment keeps what it was started from/,
    );
  });
});

describe('forking', () => {
  const engine = { variant: 'cpu' } as const;
  const fork = (set: string[], data = dataFor): Prepared => {
    const config = parseConfig(applySet(stored.config, set));
    return planFork(stored, config, data(config), engine);
  };

  it('keeps what decides keys, so that equal work is shared', () => {
    const now = fork(['swa.learningRate=0.01', 'seeds=[1]']);
    expect(now.resolution).toMatchObject({ threads: 3, workers: 2 });
    // A ticket and three rounds of imp; SWAMP is another.
    expect(trainingsShared(now, stored)).toBe(1 + 3);
    expect(trainingsShared(fork([]), stored)).toBe(
      stored.plan.jobs.filter(({ spec }) => spec.kind.startsWith('train-')).length,
    );
  });

  it('chooses anew where it is asked for, the model is another or the data are', () => {
    expect(fork(['threads=1']).resolution.threads).toBe(1);
    expect(fork(['workers=1']).resolution).toMatchObject({ threads: 3, workers: 1 });
    // So small a network gets one thread on any machine.
    expect(fork(['model.hidden=[30]']).resolution.threads).toBe(1);
    const changed = (config: ExperimentConfig) => {
      const data = dataFor(config);
      return { ...data, dataset: { ...data.dataset, digest: 'e'.repeat(64) } };
    };
    const now = fork([], changed);
    expect(now.resolution).toMatchObject({ threads: 1, dataset: { digest: 'e'.repeat(64) } });
    expect(trainingsShared(now, stored)).toBe(0);
  });

  it('on another kind of engine is an experiment of that kind', () => {
    const { resolution: now } = planFork(stored, stored.config, dataFor(stored.config), { variant: 'cuda' });
    expect(now.backend).toBe('tensorflow-cuda');
  });
});
