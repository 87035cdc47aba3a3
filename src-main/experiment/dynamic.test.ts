import { describe, expect, it } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import type { PlannedJob, SpecOf } from '../contract/job.ts';
import { countTrainings, trainingFlops, trainingIterations } from './cost.ts';
import { jobBytes } from './job-bytes.ts';
import { planOf } from './plan.fixture.ts';
import { maskJob, type Plan, type PlannedRun } from './plan.ts';
import { erkDensity } from '../pruning/scopes/erk.ts';
import { forwardFlops } from './training-flops.ts';

// LeNet-300-100 on the digits: 56 steps an epoch, 10 epochs.
const STEPS = 560;

const jobOf = (plan: Plan, key: string | undefined): PlannedJob => {
  const job = plan.jobs.find((each) => each.key === key);
  if (!job) throw new Error('no such job');
  return job;
};
const runOf = (plan: Plan, at = 0): PlannedRun => plan.runs[at] as PlannedRun;
const groupOf = (plan: Plan, round: number, run = runOf(plan)) => {
  const link = run.links.find((each) => each.role === 'particle' && each.round === round);
  const job = jobOf(plan, link?.job);
  return { job, spec: job.spec as SpecOf<'train-group'> };
};

const kinds = ['gmp', 'set', 'rigl', 'dpf', 'rigl-swamp', 'dpf-swamp'];

describe.each(kinds)('%s', (kind) => {
  const plan = planOf({ arms: [kind, 'imp', 'swamp'] });
  const run = runOf(plan);
  const particles = kind.endsWith('swamp') ? 4 : 1;

  it('begins with the dense training of IMP or SWAMP, and trains each round anew to its count', () => {
    const dense = run.links.filter(({ round, role }) => round === 0 && role === 'particle');
    const other = runOf(plan, particles === 1 ? 1 : 2);
    expect(dense).toEqual(other.links.filter(({ round, role }) => round === 0 && role === 'particle'));
    for (const { round, alive } of plan.rounds.slice(1)) {
      const { spec } = groupOf(plan, round);
      expect(spec).toMatchObject({ kind: 'train-group', particles, alive, round });
      expect(spec.rule.kind).toBe(kind.split('-')[0]);
    }
  });

  it('gives the mask that it ends with, and a solution for each particle', () => {
    const { job } = groupOf(plan, 2);
    expect(maskJob(run, 2, 0)).toBe(job.key);
    const evaluated = run.links
      .filter(({ round, role }) => round === 2 && role === 'evaluate-particle')
      .map((link) => jobOf(plan, link.job).inputs);
    expect(evaluated).toEqual(
      Array.from({ length: particles }, (_, at) => [
        { name: 'solution', job: job.key, output: `solution-${at}` },
      ]),
    );
  });

  it('has every job once, after its inputs', () => {
    const seen = new Set<string>();
    for (const { key, inputs } of plan.jobs) {
      for (const { job } of inputs) expect(seen.has(job)).toBe(true);
      seen.add(key);
    }
  });

  it('counts its steps and trainings', () => {
    const { job } = groupOf(plan, 1);
    expect(trainingIterations(plan, job)).toBe(particles * STEPS);
    expect(countTrainings([job])).toBe(particles);
    expect(jobBytes(plan, job)).toBeGreaterThan(4 * particles * plan.layout.total);
    const { dense, sparse } = trainingFlops(plan, job);
    expect(dense).toBe(3 * 128 * particles * STEPS * forwardFlops(plan.model, () => 1));
    expect(sparse).toBeGreaterThan(0);
    expect(sparse).toBeLessThan(dense);
  });

  it('does not go with N:M, nor without an update, and says so', () => {
    const few = { kind, every: 420 };
    expect(() => planOf({ arms: [few], recipe: { epochs: 1 } })).toThrow(ConfigError);
    expect(() => planOf({ arms: [few], recipe: { epochs: 1 } })).toThrow(/no update of the mask falls/);
    const groups = { sparsity: { kind: 'explicit', sparsities: [0.5] }, scope: { kind: 'n-m', m: 4 } };
    expect(() => planOf({ arms: [kind], ...groups })).toThrow(/scope: masks of .* groups of N:M/);
  });
});

it('averages lie under the last mask: SWA begins when the updates have ended', () => {
  const starts = (start: number, until: number) => {
    const plan = planOf({ arms: [{ kind: 'rigl-swamp', until }], swa: { start } });
    return groupOf(plan, 1).spec.swa?.start;
  };
  expect([starts(0.5, 0.75), starts(0.9, 0.75)]).toEqual([0.75, 0.9]);
});

it('set and rigl share their first masks and tickets, which are trained under them', () => {
  const plan = planOf({
    arms: ['set', 'rigl', { kind: 'rigl', densities: 'uniform' }, { kind: 'rigl', at: 'ticket' }],
  });
  const inputs = plan.runs.map((run) => groupOf(plan, 2, run).job.inputs);
  expect(inputs[1]).toEqual(inputs[0]);
  const [first, , even, dense] = inputs.map((each) => each.map(({ job }) => jobOf(plan, job)));
  expect(first?.map(({ spec }) => spec.kind)).toEqual(['train-ticket', 'score']);
  expect(first?.[0]?.inputs.map(({ name, job }) => [name, job])).toEqual([['mask', first?.[1]?.key]]);
  expect(first?.[1]?.spec).toMatchObject({ scope: { kind: 'erk' }, method: { kind: 'random' } });
  expect(even?.[1]?.spec).toMatchObject({ scope: { kind: 'uniform' } });
  // From the dense ticket of everybody.
  expect(dense?.[0]?.inputs).toEqual([]);
});

it('labels tell settings apart', () => {
  const { runs } = planOf({
    arms: [
      'rigl',
      { kind: 'rigl', every: 50, densities: 'uniform', at: 'ticket' },
      { kind: 'dpf', ramp: 0.75 },
      { kind: 'rigl-swamp', particles: 2, fraction: 0.2 },
      { kind: 'dpf-swamp', swa: { learningRate: 0.02 } },
    ],
  });
  expect(runs.map(({ arm, slug }) => [arm, slug])).toEqual([
    ['rigl', 'rigl'],
    ['rigl(uniform; at the ticket; every 50)', 'rigl-uniform-ticket-every50'],
    ['dpf(ramp 0.75)', 'dpf-ramp0.75'],
    ['rigl+swamp(2; fraction 0.2)', 'rigl-swamp-2-fraction0.2'],
    ['dpf+swamp(4; SWA rate 0.02)', 'dpf-swamp-4-rate0.02'],
  ]);
});

it('arms that differ in an interval of updates or of snapshots are two, and keep the id that each has alone', () => {
  for (const kind of ['rigl-swamp', 'dpf-swamp']) {
    const [updates, snapshots] = [
      { kind, every: 50 },
      { kind, swa: { every: 50 } },
    ];
    const slugs = (...arms: object[]) => planOf({ arms }).runs.map(({ slug }) => slug);
    expect(slugs(updates, snapshots)).toEqual([`${kind}-4-every50`, `${kind}-4-swa-every50`]);
    expect(slugs(snapshots, updates)).toEqual([`${kind}-4-swa-every50`, `${kind}-4-every50`]);
    // Runs are stored under these.
    for (const alone of [updates, snapshots]) expect(slugs(alone)).toEqual([`${kind}-4-every50`]);
    expect(() => planOf({ arms: [updates, updates] })).toThrow(/arms\[1\]: \S+\(.*\) is already arms\[0\]/);
  }
});

it('instability analyses of other images have labels of their own', () => {
  const { runs } = planOf({
    arms: [
      'instability',
      { kind: 'instability', trainingImages: 500 },
      { kind: 'instability', points: 21, trainingImages: 500 },
      { kind: 'instability', points: 21 },
    ],
  });
  expect(runs.map(({ arm, slug }) => [arm, slug])).toEqual([
    ['instability', 'instability-11-1000'],
    ['instability(500 images)', 'instability-11-500'],
    ['instability(21; 500 images)', 'instability-21-500'],
    ['instability(21)', 'instability-21-1000'],
  ]);
});

it('a sparsity at which ERK leaves a layer nothing is refused before anything runs', () => {
  const tiny = { sparsity: { kind: 'explicit', sparsities: [0.5, 0.999999] } };
  expect(() => planOf({ arms: ['imp'], ...tiny })).toThrow(ConfigError);
  const few = { sparsity: { kind: 'explicit', sparsities: [0.99999] } };
  expect(() => planOf({ arms: ['imp'], ...few })).not.toThrow();
  expect(() => planOf({ arms: ['rigl'], ...few, model: { kind: 'lenet', hidden: [300, 2] } })).toThrow(
    /ERK densities would leave \S+ none/,
  );
});

it('sparse FLOPs of RigL: ERK by layer, a dense gradient of the weights in each update', () => {
  const plan = planOf({ arms: ['rigl'] });
  const { job, spec } = groupOf(plan, 3);
  const share = erkDensity(plan.layout, spec.alive);
  const density = new Map(
    plan.layout.parameters.filter(({ prunable }) => prunable).map((each) => [each.name, share(each)]),
  );
  const sparse = forwardFlops(plan.model, (kernel) => density.get(kernel) ?? 1);
  const whole = forwardFlops(plan.model, () => 1);
  // Every 100 steps before step 420.
  const expected = 128 * (4 * (2 * sparse + whole) + (STEPS - 4) * 3 * sparse);
  expect(trainingFlops(plan, job).sparse / expected).toBeCloseTo(1, 10);
});
