import { describe, expect, it } from 'vitest';
import { PlanEstimate, SweepEstimate } from '../contract/estimate.ts';
import type { JobKey } from '../contract/ids.ts';
import type { PlannedJob } from '../contract/job.ts';
import {
  cumulativeTrainingFlops,
  estimate,
  estimateSweep,
  jobSeconds,
  stepWeight,
  trainingFlops,
} from './cost.ts';
import { openRule } from '../pruning/dynamic/registry.ts';
import { jobBytes } from './job-bytes.ts';
import { opened } from './analyses/opened.fixture.ts';
import { MeasuredTimings, remaining } from './eta.ts';
import { planOf } from './plan.fixture.ts';
import { densityIn, forwardFlops } from './training-flops.ts';

// LeNet-300-100 on 28×28: multiply-adds as 2; biases and ReLUs besides.
const KERNELS = 2 * (784 * 300 + 300 * 100 + 100 * 10);
const OTHER = 300 + 100 + 10 + 300 + 100;
/** Forward and backward of 128 images over the 560 iterations of ten epochs, and the 56 of the ticket. */
const TRAINING = 3 * 128 * 560 * (KERNELS + OTHER);
const TICKET = 3 * 128 * 56 * (KERNELS + OTHER);

const plan = planOf({ arms: ['imp', { kind: 'imp-ensemble', members: 2 }, 'swamp'] });

describe('the time of a score', () => {
  const secondsOf = (arm: Record<string, unknown>, change: Record<string, unknown>, stepMs: number) => {
    const scored = planOf({ arms: [arm], ...change });
    const job = scored.jobs.find(({ spec }) => spec.kind === 'score');
    if (!job) throw new Error('no score');
    return jobSeconds(scored, job, { stepMs, evaluationMs: 0 });
  };
  /** In training steps. */
  const steps = (arm: Record<string, unknown>, change: Record<string, unknown> = {}) =>
    secondsOf(arm, change, 1000) - secondsOf(arm, change, 0);

  it('is by the images that it looks at, and by its passes', () => {
    expect(steps({ kind: 'random' })).toBeCloseTo(0);
    expect(steps({ kind: 'snip' })).toBeCloseTo(100 / 128);
    expect(steps({ kind: 'snip', perClass: 50 })).toBeCloseTo(500 / 128);
    expect(steps({ kind: 'snip', perClass: 10_000 })).toBeCloseTo(7200 / 128);
    expect(steps({ kind: 'snip' }, { recipe: { epochs: 10, batch: 50 } })).toBeCloseTo(2);
    expect(steps({ kind: 'grasp' })).toBeGreaterThan(3 * steps({ kind: 'snip' }));
    expect(steps({ kind: 'synflow' })).toBeCloseTo(10 * steps({ kind: 'synflow', steps: 10 }));
    expect(steps({ kind: 'synflow' })).toBeGreaterThan(steps({ kind: 'snip' }));
  });

  it('grows with the weights that are looked at after each pass', () => {
    const looks = (model: Record<string, unknown>) =>
      secondsOf({ kind: 'synflow', steps: 200 }, { model }, 0) -
      secondsOf({ kind: 'synflow', steps: 100 }, { model }, 0);
    const [large, small] = [looks({ kind: 'lenet' }), looks({ kind: 'lenet', hidden: [30, 10] })];
    expect(large).toBeGreaterThan(1);
    expect(large / small).toBeCloseTo(266_610 / 23_970, 1);
  });

  it('is in what the whole experiment is said to take', () => {
    const seconds = (passes: number) =>
      estimate(planOf({ arms: [{ kind: 'synflow', steps: passes }] }), new Set(), {
        stepMs: 10,
        evaluationMs: 0,
      }).seconds ?? NaN;
    const score = (passes: number) => secondsOf({ kind: 'synflow', steps: passes }, {}, 10);
    // Three rounds, each with a score of its own.
    expect(seconds(1000) - seconds(100)).toBeCloseTo(3 * (score(1000) - score(100)));
  });
});

describe('FLOPs', () => {
  it('of one image, dense and pruned', () => {
    expect(forwardFlops(plan.model, () => 1)).toBe(KERNELS + OTHER);
    // A tenth of the prunable kernels; the classifier is not prunable.
    expect(
      forwardFlops(plan.model, densityIn(plan.layout, undefined, 0.1 * plan.layout.prunable)),
    ).toBeCloseTo(0.1 * 2 * (784 * 300 + 300 * 100) + 2 * 1000 + OTHER);
  });

  it('of the training a run builds on, cumulative over its rounds', () => {
    const imp = plan.runs.find(({ slug }) => slug === 'imp');
    const ensemble = plan.runs.find(({ slug }) => slug === 'imp-ensemble-2');
    const swamp = plan.runs.find(({ slug }) => slug === 'swamp-4');
    if (!imp || !ensemble || !swamp) throw new Error('an arm is missing');
    const rounds = [1, 2, 3, 4];
    expect(cumulativeTrainingFlops(plan, imp)).toEqual(rounds.map((r) => TICKET + r * TRAINING));
    expect(cumulativeTrainingFlops(plan, ensemble)).toEqual(rounds.map((r) => 2 * (TICKET + r * TRAINING)));
    expect(cumulativeTrainingFlops(plan, swamp)).toEqual(rounds.map((r) => TICKET + 4 * r * TRAINING));
  });
});

describe('FLOPs of a training whose mask changes on the way', () => {
  const dynamic = planOf({ arms: ['dpf', { kind: 'gmp', every: 20 }] });

  it('are those of each stretch between two updates, under the mask of that stretch', () => {
    const groups = dynamic.jobs.flatMap(({ spec, ...job }) =>
      spec.kind === 'train-group' ? [{ spec, ...job }] : [],
    );
    expect(groups).toHaveLength(6);
    const { model, layout } = dynamic;
    const whole = forwardFlops(model, () => 1);
    for (const job of groups) {
      const { rule: spec, alive: end } = job.spec;
      const rule = openRule(spec);
      const start = layout.prunable;
      const stretches = [0, ...rule.updates(560)].map((from, at, all) => {
        const to = all[at + 1] ?? 560;
        const alive =
          from === 0 ? start : rule.count({ iteration: from, iterations: 560, alive: { start, end } });
        const sparse = forwardFlops(model, densityIn(layout, undefined, alive));
        return (to - from) * (rule.feedback ? 2 * sparse + whole : 3 * sparse);
      });
      const expected = 128 * stretches.reduce((sum, each) => sum + each, 0);
      expect(trainingFlops(dynamic, job).sparse / expected).toBeCloseTo(1, 12);
    }
  });

  it('are not gone through where the dense count is asked for', () => {
    // Nobody could go through the updates of a rule that is not there.
    const jobs = dynamic.jobs.map((job) =>
      job.spec.kind === 'train-group' ? { ...job, spec: { ...job.spec, rule: { kind: 'none' } } } : job,
    );
    const without = { ...dynamic, jobs };
    for (const run of dynamic.runs)
      expect(cumulativeTrainingFlops(without, run)).toEqual(cumulativeTrainingFlops(dynamic, run));
    expect(() => estimate(without, new Set(), null)).toThrow(/there is no 'none'/);
  });

  it('take no longer with the square of the updates', () => {
    const many = planOf({
      arms: [{ kind: 'dpf', every: 1 }],
      recipe: { epochs: 2000 },
      sparsity: { kind: 'explicit', sparsities: [0.9] },
    });
    const began = performance.now();
    // 112,000 updates: no second, where going through all of them in each takes minutes.
    expect(estimate(many, new Set(), null).trainingFlops.sparse).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});

describe('a step of two gradients', () => {
  const both = planOf({ arms: ['imp', 'imp-sam'] });
  const [imp, sam] = both.runs;
  if (!imp || !sam) throw new Error('an arm is missing');
  const timings = { stepMs: 2, evaluationMs: 0 };
  const training = (run: typeof imp) => {
    const key = run.links.find(({ role, round }) => role === 'particle' && round === 1)?.job;
    const job = both.jobs.find((each) => each.key === key);
    if (!job) throw new Error('no training');
    return job;
  };

  it('is twice the FLOPs and the time, but for the ticket, which both share', () => {
    expect(cumulativeTrainingFlops(both, imp)).toEqual([1, 2, 3, 4].map((r) => TICKET + r * TRAINING));
    expect(cumulativeTrainingFlops(both, sam)).toEqual([1, 2, 3, 4].map((r) => TICKET + 2 * r * TRAINING));
    expect(jobSeconds(both, training(sam), timings) - jobSeconds(both, training(imp), timings)).toBeCloseTo(
      (560 * timings.stepMs) / 1000,
    );
    expect(stepWeight(both, training(sam).key)).toBe(2);
  });

  it('does not lengthen a score, which takes plain gradients', () => {
    const scored = (sharpness: number) => {
      const plan = planOf({ arms: ['snip'], recipe: { epochs: 10, optimizer: { sharpness } } });
      const job = plan.jobs.find(({ spec }) => spec.kind === 'score');
      if (!job) throw new Error('no score');
      const at = (stepMs: number) => jobSeconds(plan, job, { stepMs, evaluationMs: 0 });
      return at(1000) - at(0);
    };
    // A hundred images, in steps of 128 that each take two gradients.
    expect(scored(0)).toBeCloseTo(100 / 128);
    expect(scored(0.1)).toBeCloseTo(100 / 128 / 2);
  });

  it('is the one that was timed where the experiment asks for it', () => {
    const always = planOf({ recipe: { epochs: 10, optimizer: { sharpness: 0.1 } } });
    const job = always.jobs.find(({ spec }) => spec.kind === 'train-particle');
    if (!job) throw new Error('no training');
    expect(stepWeight(always, job.key)).toBe(1);
    expect(jobSeconds(always, job, timings)).toBeCloseTo((560 * timings.stepMs) / 1000 + 0.05);
    expect(estimate(always, new Set(), null).trainingFlops.dense).toBe(2 * (TICKET + 4 * TRAINING));
  });
});

describe('estimate', () => {
  it('counts shared work once in all, and in each arm that uses it', () => {
    const all = estimate(plan, new Set(), null);
    expect(PlanEstimate.parse(all)).toEqual(all);
    expect(all.trainings).toBe(2 + 4 * (1 + 1 + 4));
    expect(all.arms.map(({ arm, trainings }) => [arm, trainings])).toEqual([
      ['imp', 1 + 4],
      ['imp-ensemble(2)', 2 + 8],
      ['swamp(4)', 1 + 16],
    ]);
    expect(all.trainingFlops.dense).toBe(2 * TICKET + 24 * TRAINING);
    expect(all.trainingFlops.sparse).toBeLessThan(all.trainingFlops.dense);
    expect(all.trainingFlopsToDo).toEqual(all.trainingFlops);
    expect(all.stepsToDo).toBe(2 * 56 + 24 * 560);
    expect(all.seconds).toBeNull();
  });

  it('takes off what the store holds', () => {
    const imp = planOf({ arms: ['imp'] });
    const stored = new Set(imp.jobs.map(({ key }) => key));
    const rest = estimate(plan, stored, null);
    expect(rest.jobsStored).toBe(imp.jobs.length);
    expect(rest.trainingsStored).toBe(5);
    expect(rest.trainingFlopsToDo.dense).toBe(TICKET + 20 * TRAINING);
    expect(rest.arms[0]).toMatchObject({ arm: 'imp', jobsStored: imp.jobs.length, stepsToDo: 0 });
    const none = estimate(plan, new Set(plan.jobs.map(({ key }) => key)), { stepMs: 2, evaluationMs: 5 });
    expect(none).toMatchObject({ stepsToDo: 0, diskBytes: 0, seconds: 0 });
  });

  it('adds up seconds from the timed step', () => {
    const imp = planOf({ arms: ['imp'] });
    const { seconds } = estimate(imp, new Set(), { stepMs: 2, evaluationMs: 10 });
    // 4 trainings and a ticket; 4 evaluations of 2 + 4 batches (LeNet has no batch norm to re-estimate); the rest is overhead.
    const steps = 0.002 * (4 * 560 + 56) + 0.01 * 4 * 6;
    expect(seconds).toBeGreaterThan(steps);
    expect(seconds).toBeLessThan(steps + 0.1 * imp.jobs.length);
  });

  it('knows that rounds of imp wait for each other, however many workers', () => {
    const timings = { stepMs: 2, evaluationMs: 10 };
    const imp = planOf({ arms: ['imp'] });
    const one = estimate(imp, new Set(), timings, 1).seconds ?? 0;
    const eight = estimate(imp, new Set(), timings, 8).seconds ?? 0;
    expect(eight).toBeGreaterThan(0.9 * one);
    const swamp = planOf({ arms: ['swamp'] });
    const alone = estimate(swamp, new Set(), timings, 1).seconds ?? 0;
    const four = estimate(swamp, new Set(), timings, 4).seconds ?? 0;
    expect(four).toBeLessThan(0.35 * alone);
  });

  it('counts re-estimation of batch norm where there is one', () => {
    const resnet = planOf({
      model: { kind: 'resnet', depth: 8 },
      recipe: { epochs: 10, schedule: 'cosine' },
    });
    const evaluation = resnet.jobs.find(({ spec }) => spec.kind === 'evaluate');
    if (!evaluation) throw new Error('no evaluation');
    const fixed = jobSeconds(resnet, evaluation, { stepMs: 1, evaluationMs: 0 });
    // 800 / 500 → 2 and 2000 / 500 → 4 batches predicted, 7200 / 500 → 15 re-estimated.
    expect(jobSeconds(resnet, evaluation, { stepMs: 1, evaluationMs: 1000 }) - fixed).toBeCloseTo(21);
  });

  it('counts products with the Hessian by the images that they look at', () => {
    const task = plan.jobs.flatMap(({ spec }) => ('task' in spec ? [spec.task] : []))[0];
    if (!task) throw new Error('no task');
    const seconds = (probes: number, images: number): number => {
      const spec = { kind: 'hessian-trace', task, images, batch: 50, seed: 1, probes } as const;
      return jobSeconds(plan, { key: '' as JobKey, spec, inputs: [] }, { stepMs: 1000, evaluationMs: 0 });
    };
    const least = jobSeconds(plan, plan.jobs[0] as PlannedJob, { stepMs: 0, evaluationMs: 0 });
    // A product of as many images as a batch of the recipe is a few training steps.
    expect(seconds(1, 128) - least).toBeGreaterThan(2);
    expect(seconds(1, 128) - least).toBeLessThan(4);
    expect((seconds(16, 128 * 8) - least) / (seconds(1, 128) - least)).toBeCloseTo(128, 6);
  });

  it('estimates disk: a solution is its weights, predictions its probabilities', () => {
    const job = (kind: string) => {
      const found = plan.jobs.find(({ spec }) => spec.kind === kind);
      if (!found) throw new Error(kind);
      return jobBytes(plan, found);
    };
    expect(job('train-particle')).toBeGreaterThan(4 * 266_610);
    expect(job('train-particle')).toBeLessThan(4 * 266_610 + 10_000);
    expect(job('evaluate')).toBeGreaterThan(4 * 10 * 2800);
    expect(job('evaluate-ensemble')).toBe(0);
  });
});

describe('time left', () => {
  const timings = { stepMs: 2, evaluationMs: 10 };
  const imp = planOf({ arms: ['imp'] });
  const [of] = imp.runs;
  if (!of) throw new Error('no run');
  const all = estimate(imp, new Set(), timings).seconds ?? 0;

  it('starts at everything and ends at nothing', () => {
    const start = remaining(imp, { done: new Set(), running: new Map() }, timings, 1);
    expect(start.done).toBe(0);
    expect(start.experimentSeconds).toBeCloseTo(all);
    const end = remaining(
      imp,
      { done: new Set(imp.jobs.map(({ key }) => key)), running: new Map() },
      timings,
      1,
      { run: of, round: 3 },
    );
    expect(end).toEqual({ done: 1, roundSeconds: 0, experimentSeconds: 0 });
  });

  it('takes off the done part of running jobs', () => {
    const [ticket, first] = imp.jobs;
    if (!ticket || !first) throw new Error('no jobs');
    const half = remaining(
      imp,
      { done: new Set([ticket.key]), running: new Map([[first.key, 0.5]]) },
      timings,
      1,
      { run: of, round: 0 },
    );
    const left = all - jobSeconds(imp, ticket, timings) - jobSeconds(imp, first, timings) / 2;
    expect(half.experimentSeconds).toBeCloseTo(left);
    expect(half.done).toBeCloseTo(1 - left / all);
    // Round 0: the rest of the training, its evaluation and the pruning.
    expect(half.roundSeconds).toBeLessThan(left / 3);
    expect(half.roundSeconds).toBeGreaterThan(0.5 * 0.002 * 560);
  });

  it('of an analysis does not count what it looks at, unless that is made again', () => {
    const [last] = imp.jobs.toReversed();
    const [ticket] = imp.jobs;
    if (!ticket || !last) throw new Error('no jobs');
    const analysis = { ...imp, own: [last.key] };
    const theirs = imp.jobs.map(({ key }) => key).filter((key) => key !== last.key);
    const seconds = jobSeconds(imp, last, timings);
    const progress = { done: new Set(theirs), running: new Map([[last.key, 0.25]]) };
    const begun = remaining(analysis, progress, timings, 1);
    expect(begun.done).toBeCloseTo(0.25);
    expect(begun.experimentSeconds).toBeCloseTo(0.75 * seconds);
    const without = { done: new Set(theirs.filter((key) => key !== ticket.key)), running: new Map() };
    const again = remaining(analysis, without, timings, 1);
    expect(again.done).toBe(0);
    expect(again.experimentSeconds).toBeCloseTo(seconds + jobSeconds(imp, ticket, timings));
  });

  it('knows the share done before anything was timed, but no seconds', () => {
    const [ticket] = imp.jobs;
    if (!ticket) throw new Error('no jobs');
    const { done, experimentSeconds, roundSeconds } = remaining(
      imp,
      { done: new Set([ticket.key]), running: new Map() },
      null,
      1,
    );
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(0.1);
    expect([experimentSeconds, roundSeconds]).toEqual([null, null]);
  });

  it('follows measured steps', () => {
    const measured = new MeasuredTimings();
    expect(measured.current).toBeNull();
    measured.step(2);
    expect(measured.current).toEqual({ stepMs: 2, evaluationMs: 8, factors: {} });
    for (let report = 0; report < 50; report++) measured.step(4);
    expect(measured.current?.stepMs).toBeCloseTo(4, 2);
    const evaluation = imp.jobs.find(({ spec }) => spec.kind === 'evaluate');
    if (!evaluation) throw new Error('no evaluation');
    const seconds = jobSeconds(imp, evaluation, { stepMs: 0, evaluationMs: 30 });
    measured.finished(imp, evaluation, seconds);
    expect(measured.current?.evaluationMs).toBeCloseTo(30);
  });

  it('learns from jobs that train nothing, where nothing else was timed', () => {
    const measured = new MeasuredTimings();
    const prune = imp.jobs.find(({ spec }) => spec.kind === 'prune');
    const evaluation = imp.jobs.find(({ spec }) => spec.kind === 'evaluate');
    if (!prune || !evaluation) throw new Error('no jobs');
    // Pruning predicts nothing: it says nothing of a batch.
    measured.finished(imp, prune, 1);
    expect(measured.current).toBeNull();
    measured.finished(imp, evaluation, jobSeconds(imp, evaluation, { stepMs: 0, evaluationMs: 40 }));
    expect(measured.current?.evaluationMs).toBeCloseTo(40);
    expect(measured.current?.stepMs).toBeCloseTo(10);
    expect(measured.knowsSteps).toBe(false);
    // A kind that takes three times what was planned is planned so from then on, and others are not.
    const planned = jobSeconds(imp, prune, { stepMs: 0, evaluationMs: 40 });
    measured.finished(imp, prune, 3 * planned);
    const { current } = measured;
    if (!current) throw new Error('timed');
    expect(jobSeconds(imp, prune, current)).toBeCloseTo(3 * planned);
    expect(jobSeconds(imp, evaluation, current)).toBeCloseTo(
      jobSeconds(imp, evaluation, { ...current, factors: {} }),
    );
  });
});

describe('the pace of a running job', () => {
  const line = opened({ kind: 'connectivity' }, ['test/imp/1']);
  const [job, other] = line.own.filter(({ spec }) => spec.kind === 'connectivity');
  if (!job || !other) throw new Error('no lines');
  const planned = jobSeconds(line.plan, job, { stepMs: 0, evaluationMs: 40 });

  it('tells of the others of its kind, and makes up for a first job that had to load everything', () => {
    const [measure] = line.own.filter(({ spec }) => spec.kind === 'measure');
    if (!measure) throw new Error('no measurement');
    const measured = new MeasuredTimings();
    measured.finished(line.plan, measure, 60);
    for (let report = 0; report < 3; report++) measured.advanced(line.plan, job, 1 / 23, planned / 23);
    const { current } = measured;
    if (!current) throw new Error('timed');
    expect(jobSeconds(line.plan, other, current)).toBeCloseTo(planned, 6);
  });

  it('says nothing of trainings, nor where a job has not moved', () => {
    const measured = new MeasuredTimings();
    const training = line.plan.jobs.find(({ spec }) => spec.kind === 'train-particle');
    if (!training) throw new Error('no training');
    measured.advanced(line.plan, training, 0.5, 10);
    measured.advanced(line.plan, job, 0, 10);
    expect(measured.current).toBeNull();
  });
});

describe('several experiments', () => {
  const timings = { stepMs: 2, evaluationMs: 8 };
  // The same imp in both: ticket and four rounds; swamp(2) adds two trainings a round, swamp(4) two more, but for those of round 0.
  const plans = [2, 4].map((particles) => ({
    plan: planOf({ arms: ['imp', { kind: 'swamp', particles }] }),
    workers: 1,
    timings,
  }));

  it('pay once for what they share', () => {
    const both = estimateSweep(plans, new Set());
    expect(SweepEstimate.parse(both)).toEqual(both);
    const first = 1 + 4 + 4 * 2;
    expect(both.experiments.map(({ trainings, trainingsStored }) => [trainings, trainingsStored])).toEqual([
      [first, 0],
      [1 + 4 + 4 * 4, 1 + 4 + 2],
    ]);
    expect([both.trainings, both.trainingsStored]).toEqual([first + 4 * 4 - 2, 0]);
    expect(both.trainingFlopsToDo.dense).toBe(TICKET + (both.trainings - 1) * TRAINING);
    const [a, b] = both.experiments;
    expect(both.seconds).toBe((a?.seconds ?? NaN) + (b?.seconds ?? NaN));
    expect(both.diskBytes).toBe((a?.diskBytes ?? NaN) + (b?.diskBytes ?? NaN));
  });

  it('find what is stored, and know no time where one of them knows none', () => {
    const stored = new Set(plans[0]?.plan.jobs.map(({ key }) => key));
    const left = estimateSweep(
      [...plans.slice(0, 1), ...plans.slice(1).map((each) => ({ ...each, timings: null }))],
      stored,
    );
    expect(left.trainingsStored).toBe(1 + 4 + 4 * 2);
    expect(left.seconds).toBeNull();
    expect(left.experiments[0]?.seconds).toBe(0);
  });
});
