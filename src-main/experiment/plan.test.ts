import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JobKind } from '../contract/job.ts';
import type { JobRole } from '../contract/states.ts';
import { parseConfig } from './config.ts';
import { applySet } from './overrides.ts';
import { cifarResolved, digitsResolved, planOf } from './plan.fixture.ts';
import { planExperiment, type Plan, type PlannedRun } from './plan.ts';
import { findPreset } from './presets.ts';

function kinds(plan: Plan): Partial<Record<JobKind, number>> {
  const counts: Partial<Record<JobKind, number>> = {};
  for (const { spec } of plan.jobs) counts[spec.kind] = (counts[spec.kind] ?? 0) + 1;
  return counts;
}

/** Members two sets have in common. */
const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] =>
  [...a].filter((each) => b.has(each));

const keys = (plan: Plan): Set<string> => new Set(plan.jobs.map(({ key }) => key));

function run(plan: Plan, slug: string, seed = 1): PlannedRun {
  const found = plan.runs.find((each) => each.slug === slug && each.seed === seed);
  if (!found) throw new Error(`no run ${slug}`);
  return found;
}

/** Jobs of a run in a role, by round and index. */
const linked = (of: PlannedRun, role: JobRole, round?: number): string[] =>
  of.links
    .filter((link) => link.role === role && (round === undefined || link.round === round))
    .map(({ job }) => job);

describe('plans of the presets', () => {
  it('demo: 78 trainings and two tickets', () => {
    const plan = planExperiment({ config: parseConfig(findPreset('demo').config), resolved: digitsResolved });
    // Rounds 0 … 12. A round trains once for imp, once more for the ensemble, four times for swamp(4).
    expect(kinds(plan)).toEqual({
      'train-ticket': 2,
      'train-particle': 13 * 6,
      // imp and each particle once, and the average.
      evaluate: 13 * (2 + 4 + 1),
      average: 13,
      // The ensemble of two and that of the four particles.
      'evaluate-ensemble': 13 * 2,
      prune: 12 * 3,
    });
    expect(plan.rounds.at(-1)?.sparsity).toBeGreaterThan(0.98);
    expect(plan.stepsPerEpoch.get(1)).toBe(56);
  });

  it('cifar10-small: swamp(1) and swamp(4) share a particle in round 0', () => {
    const config = parseConfig(applySet(findPreset('cifar10-small').config, ['dataset.path=/data']));
    const plan = planExperiment({ config, resolved: cifarResolved });
    expect(kinds(plan)).toEqual({
      'train-ticket': 2,
      // imp 8, the ensemble's other member 8, swamp(1) 8, swamp(4) 8 × 4 less the shared one.
      'train-particle': 8 + 8 + 8 + 31,
      evaluate: 8 + 8 + 8 + 31 + 8,
      average: 8,
      'evaluate-ensemble': 8 + 8,
      prune: 7 * 4,
    });
    // ResNet-8's convolutions by hand: 432 + 2·2304 + 4608 + 9216 + 512 + 18432 + 36864 + 2048.
    expect(plan.denominator).toEqual({ words: 'all kernels but the classifier', weights: 76_720 });
    expect(plan.rounds.map(({ alive }) => alive)).toEqual([
      76_720, 46_032, 27_619, 16_572, 9_943, 5_966, 3_579, 2_148,
    ]);
    expect(plan.rounds.at(-1)?.sparsity).toBe((76_720 - 2_148) / 76_720);
    expect(plan.jobs.flatMap(({ spec }) => (spec.kind === 'train-ticket' ? [spec.iterations] : []))).toEqual([
      2 * 70,
      2 * 70,
    ]);
  });
});

describe('a plan', () => {
  const plan = planOf({
    arms: [
      'dense',
      'imp',
      { kind: 'imp-ensemble', members: 3 },
      'swamp',
      { kind: 'multi-sgd', particles: 2 },
    ],
    seeds: [1, 2],
  });

  it('has every job once, after its inputs', () => {
    const seen = new Set<string>();
    for (const { key, inputs } of plan.jobs) {
      expect(seen.has(key)).toBe(false);
      for (const { job } of inputs) expect(seen.has(job)).toBe(true);
      seen.add(key);
    }
    for (const { links } of plan.runs) for (const { job } of links) expect(seen.has(job)).toBe(true);
  });

  it('links every job to a run', () => {
    const used = new Set<string>(plan.runs.flatMap(({ links }) => links.map(({ job }) => job)));
    expect(plan.jobs.filter(({ key }) => !used.has(key))).toEqual([]);
  });

  it('is the same again for the same input, whatever the names and places', () => {
    const again = planOf({
      name: 'another',
      arms: [
        { kind: 'multi-sgd', particles: 2 },
        'swamp',
        { kind: 'imp-ensemble', members: 3 },
        'imp',
        'dense',
      ],
      seeds: [2, 1],
      workers: 7,
    });
    expect(keys(again)).toEqual(keys(plan));
  });

  it('has one evaluation that stands for the arm in every round', () => {
    for (const each of plan.runs) {
      for (let round = 0; round < each.rounds; round++) {
        expect(linked(each, 'evaluate', round)).toHaveLength(1);
      }
    }
  });

  it('prunes after every round but the last', () => {
    for (const each of plan.runs) {
      const members = each.kind === 'imp-ensemble' ? each.members : 1;
      const rounds = each.links.filter(({ role }) => role === 'prune').map(({ round }) => round);
      expect(new Set(rounds)).toEqual(new Set(each.kind === 'dense' ? [] : [0, 1, 2]));
      expect(rounds).toHaveLength(each.kind === 'dense' ? 0 : 3 * members);
    }
  });

  it('shares nothing between seeds', () => {
    const of = (seed: number): Set<string> =>
      new Set(
        plan.runs.filter((each) => each.seed === seed).flatMap(({ links }) => links.map(({ job }) => job)),
      );
    expect(common(of(1), of(2))).toEqual([]);
    expect(of(1).size).toBe(of(2).size);
  });
});

describe('work shared between arms', () => {
  it('member 0 of an ensemble is the imp run, job by job', () => {
    const plan = planOf({ arms: ['imp', { kind: 'imp-ensemble', members: 2 }] });
    const imp = run(plan, 'imp');
    const ensemble = run(plan, 'imp-ensemble-2');
    for (const role of ['ticket', 'particle', 'evaluate-particle', 'prune'] as const) {
      const first = ensemble.links
        .filter((link) => link.role === role && link.index === 0)
        .map(({ job }) => job);
      expect(first).toEqual(linked(imp, role));
    }
    const other = ensemble.links.filter(({ index }) => index === 1).map(({ job }) => job);
    expect(common(new Set(other), new Set(imp.links.map(({ job }) => job)))).toEqual([]);
    // What the ensemble stands for is the ensemble.
    expect(linked(ensemble, 'evaluate')).toEqual(linked(ensemble, 'ensemble'));
    expect(ensemble.members).toBe(2);
  });

  it('round 0 of swamp(8) contains the four particles of swamp(4), later rounds nothing of it', () => {
    const plan = planOf({
      arms: [
        { kind: 'swamp', particles: 4 },
        { kind: 'swamp', particles: 8 },
      ],
    });
    const four = run(plan, 'swamp-4');
    const eight = run(plan, 'swamp-8');
    expect(linked(eight, 'particle', 0).slice(0, 4)).toEqual(linked(four, 'particle', 0));
    const later = (of: PlannedRun): Set<string> =>
      new Set(of.links.filter(({ round }) => round > 0).map(({ job }) => job));
    expect(common(later(four), later(eight))).toEqual([]);
    expect(kinds(plan)['train-particle']).toBe(8 + 3 * 12);
  });

  it('all arms share the ticket of member 0', () => {
    const plan = planOf({ arms: ['dense', 'imp', 'swamp', 'multi-sgd'] });
    expect(new Set(plan.runs.flatMap((each) => linked(each, 'ticket'))).size).toBe(1);
  });

  it('dense is round 0 of imp, and multi-sgd(1) is imp', () => {
    const plan = planOf({ arms: ['imp', 'dense', { kind: 'multi-sgd', particles: 1 }] });
    expect(run(plan, 'dense').rounds).toBe(1);
    expect(linked(run(plan, 'dense'), 'particle')).toEqual(linked(run(plan, 'imp'), 'particle', 0));
    expect(run(plan, 'multi-sgd-1').links).toEqual(run(plan, 'imp').links);
    expect(keys(plan)).toEqual(keys(planOf({ arms: ['imp'] })));
  });

  it('imp-sam goes from the ticket of imp by trainings of its own', () => {
    const plan = planOf({ arms: ['imp', 'imp-sam', { kind: 'imp-sam', rho: 0.1 }] });
    const [imp, sam, wider] = ['imp', 'imp-sam-0.05', 'imp-sam-0.1'].map((slug) => run(plan, slug));
    if (!imp || !sam || !wider) throw new Error('an arm is missing');
    expect(plan.runs.map(({ arm }) => arm)).toEqual(['imp', 'imp-sam(0.05)', 'imp-sam(0.1)']);
    expect(linked(sam, 'ticket')).toEqual(linked(imp, 'ticket'));
    for (const [one, other] of [
      [imp, sam],
      [sam, wider],
    ] as const)
      expect(
        common(new Set(one.links.map(({ job }) => job)), new Set(other.links.map(({ job }) => job))),
      ).toEqual([...new Set(linked(imp, 'ticket'))]);
    const recipes = linked(sam, 'particle').map((key) => {
      const spec = plan.jobs.find((job) => job.key === key)?.spec;
      return spec && 'recipe' in spec ? spec.recipe.optimizer.sharpness : NaN;
    });
    expect(recipes).toEqual([0.05, 0.05, 0.05, 0.05]);
  });

  it('with one particle the average is the particle: no job, one evaluation in two roles', () => {
    const swamp = run(planOf({ arms: [{ kind: 'swamp', particles: 1 }] }), 'swamp-1');
    expect(linked(swamp, 'average')).toEqual([]);
    expect(linked(swamp, 'ensemble')).toEqual([]);
    expect(linked(swamp, 'evaluate')).toEqual(linked(swamp, 'evaluate-particle'));
  });

  it('particles of swamp are pruned by their average, under the mask they trained with', () => {
    const plan = planOf({ arms: ['swamp'] });
    const swamp = run(plan, 'swamp-4');
    const jobs = new Map(plan.jobs.map((job) => [job.key as string, job]));
    const inputs = (key: string | undefined): string[] =>
      jobs.get(key ?? '')?.inputs.map(({ name, job }) => `${name} ${job}`) ?? [];
    const [ticket] = linked(swamp, 'ticket');
    const masks = linked(swamp, 'prune');
    for (const round of [0, 1, 2, 3]) {
      const mask = round === 0 ? [] : [`mask ${masks[round - 1]}`];
      const particles = linked(swamp, 'particle', round);
      const [average] = linked(swamp, 'average', round);
      for (const particle of particles)
        expect(inputs(particle)).toEqual([`solution ${ticket}`.replace('solution', 'ticket'), ...mask]);
      expect(inputs(average)).toEqual(particles.map((particle) => `solution ${particle}`));
      expect(inputs(linked(swamp, 'evaluate', round)[0])).toEqual([`solution ${average}`]);
      expect(inputs(linked(swamp, 'ensemble', round)[0])).toEqual(
        linked(swamp, 'evaluate-particle', round).map((each) => `predictions ${each}`),
      );
      if (round < 3) expect(inputs(masks[round])).toEqual([`solution ${average}`, ...mask]);
    }
  });

  it('SWA particles do not depend on the schedule that SWA replaces, SGD does not depend on SWA', () => {
    const trained = (change: Record<string, unknown>, slug: string): string[] =>
      linked(run(planOf({ arms: ['imp', 'swamp'], ...change }), slug), 'particle', 0);
    const cosine = { recipe: { epochs: 10, schedule: 'cosine' } };
    const constant = { recipe: { epochs: 10, schedule: 'constant' } };
    expect(trained(cosine, 'swamp-4')).toEqual(trained(constant, 'swamp-4'));
    expect(trained(cosine, 'imp')).not.toEqual(trained(constant, 'imp'));
    expect(trained({ swa: { start: 0.75 } }, 'imp')).toEqual(trained({}, 'imp'));
    expect(trained({ swa: { start: 0.75 } }, 'swamp-4')).not.toEqual(trained({}, 'swamp-4'));
  });

  it('the ticket depends on its own rate and length only', () => {
    const ticket = (change: Record<string, unknown>): string[] =>
      linked(run(planOf(change), 'imp'), 'ticket');
    expect(ticket({ recipe: { epochs: 20, schedule: 'cosine', warmup: 10 } })).toEqual(ticket({}));
    expect(ticket({ ticket: { iterations: 56 } })).toEqual(ticket({ ticket: { epochs: 1 } }));
    expect(ticket({ ticket: { epochs: 1, learningRate: 0.1 } })).toEqual(ticket({}));
    expect(ticket({ ticket: { epochs: 2 } })).not.toEqual(ticket({}));
    expect(ticket({ ticket: { epochs: 1, learningRate: 0.05 } })).not.toEqual(ticket({}));
    expect(ticket({ initialisation: { fan: 'out' } })).not.toEqual(ticket({}));
  });
});

describe('keys of a plan', () => {
  // If this fails, stored results are no longer found: see NUMERICS and NEUTRAL in keys.ts before changing it.
  it('are what they always were', () => {
    const plan = planOf({
      model: { kind: 'lenet', hidden: [300, 100] },
      initialisation: { kind: 'he-normal', fan: 'in' },
      recipe: {
        optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
        learningRate: 0.1,
        schedule: { kind: 'cosine', to: 0 },
        batch: 128,
        epochs: 10,
      },
      ticket: { epochs: 2 },
      swa: { start: 0.5, learningRate: 0.05, every: 'epoch' },
      arms: ['imp', { kind: 'imp-ensemble', members: 2 }, { kind: 'swamp', particles: 2 }],
    });
    const all = createHash('sha256')
      .update([...keys(plan)].sort().join())
      .digest('hex');
    expect(all).toBe('65a0c761a6c27d8970c5a9ba900fe1aa5b45ddec3e0286753e08b78050850241');
  });

  it('do not depend on where the data lie', () => {
    const at = (path: string): Set<string> =>
      keys(
        planExperiment({
          config: parseConfig(applySet(findPreset('cifar10-small').config, [`dataset.path=${path}`])),
          resolved: cifarResolved,
        }),
      );
    expect(at('/here')).toEqual(at('/there'));
  });

  it('depend on data, split, threads and backend', () => {
    const usual = planOf({});
    const changes = [
      planOf({}, { threads: 4 }),
      planOf({}, { backend: 'tensorflow-cuda' }),
      planOf({}, { dataset: { ...digitsResolved.dataset, digest: 'f'.repeat(64) } }),
      planOf({}, { splits: new Map([[1, { digest: 'f'.repeat(64), training: 7200, validation: 800 }]]) }),
    ];
    for (const changed of changes) expect(common(keys(changed), keys(usual))).toEqual([]);
  });

  it('of early rounds stay when rounds are added', () => {
    const short = keys(planOf({ sparsity: { kind: 'geometric', fraction: 0.3, rounds: 3 } }));
    const long = keys(planOf({ sparsity: { kind: 'geometric', fraction: 0.3, rounds: 5 } }));
    expect(common(short, long)).toEqual([...short]);
  });

  it('change from the first mask on when the classifier is pruned too', () => {
    const without = planOf({});
    const pruned = planOf({ pruneClassifier: true });
    const imp = (plan: Plan, role: JobRole, round: number): string[] => linked(run(plan, 'imp'), role, round);
    expect(imp(pruned, 'particle', 0)).toEqual(imp(without, 'particle', 0));
    expect(imp(pruned, 'particle', 1)).not.toEqual(imp(without, 'particle', 1));
    expect(pruned.denominator).toEqual({ words: 'all kernels', weights: 266_200 });
  });
});

describe('SWAMP+', () => {
  const counts = (particles: unknown): number[] => {
    const plan = planOf({
      sparsity: { kind: 'explicit', sparsities: [0.4, 0.6, 0.8] },
      arms: [{ kind: 'swamp', particles }],
    });
    const [first] = plan.runs;
    return [0, 1, 2, 3].map((round) => (first ? linked(first, 'particle', round).length : 0));
  };

  it('takes its particles from the sparsity a round trains at', () => {
    const steps = [
      { from: 0, particles: 1 },
      { from: 0.6, particles: 4 },
    ];
    expect(counts(steps)).toEqual([1, 1, 4, 4]);
  });

  it('or from the round', () => {
    const steps = [
      { fromRound: 0, particles: 2 },
      { fromRound: 3, particles: 5 },
    ];
    expect(counts(steps)).toEqual([2, 2, 2, 5]);
  });

  it('has a label and a slug of its own', () => {
    const particles = [
      { from: 0, particles: 1 },
      { from: 0.6, particles: 4 },
    ];
    const [first] = planOf({ arms: [{ kind: 'swamp', particles }] }).runs;
    expect(first?.arm).toBe('swamp(1, 4 from 60 %)');
    expect(first?.slug).toBe('swamp-1-4s0.6');
  });
});

describe('prunable sets', () => {
  const resnet = {
    model: { kind: 'resnet', depth: 8, width: 4 },
    recipe: { epochs: 10, schedule: 'cosine' },
  };

  it.each([
    [{}, 'all kernels but the classifier', 784 * 300 + 300 * 100],
    [{ pruneClassifier: true }, 'all kernels', 784 * 300 + 300 * 100 + 1000],
    [{ prunable: { dense: false }, pruneClassifier: true }, 'the classifier', 1000],
  ])('of LeNet by %j: %s', (change, words, weights) => {
    expect(planOf(change).denominator).toEqual({ words, weights });
  });

  it('are of the masks alone: the dense round is the same job', () => {
    const all = planOf({ ...resnet, pruneClassifier: true });
    const some = planOf({ ...resnet, pruneClassifier: true, prunable: { dense: false, convolutions: true } });
    expect(some.denominator.words).toBe(all.denominator.words);
    const one = planOf({ ...resnet, pruneClassifier: true, prunable: { convolutions: false } });
    expect(one.denominator).toEqual({ words: 'the classifier', weights: 160 });
    const [a, b] = [all, one].map((plan) => run(plan, 'imp'));
    if (!a || !b) throw new Error('no run');
    expect(linked(a, 'particle', 0)).toEqual(linked(b, 'particle', 0));
    expect(linked(a, 'prune', 0)).not.toEqual(linked(b, 'prune', 0));
  });

  it.each([
    [
      { prunable: { dense: false } },
      'prunable: no weight of the model lenet may be pruned',
      'Set pruneClassifier or prunable.dense to true: that is what the model has.',
    ],
    [
      { ...resnet, prunable: { convolutions: false, embeddings: true } },
      'prunable: no weight of the model resnet may be pruned',
      'Set pruneClassifier or prunable.convolutions to true: that is what the model has.',
    ],
  ])('that leave nothing to prune are refused: %j', (change, message, hint) => {
    expect(() => planOf(change)).toThrow(expect.objectContaining({ message, hint }) as Error);
  });
});

describe('what the data make impossible', () => {
  it('a batch larger than the training set', () => {
    expect(() => planOf({ recipe: { batch: 10_000 } })).toThrow(
      'recipe.batch: 10000 is more than the 7200 training images',
    );
  });

  it('a schedule that leaves nothing', () => {
    expect(() => planOf({ sparsity: { kind: 'geometric', fraction: 0.9, rounds: 9 } })).toThrow(
      'sparsity: round 6 would leave 0 of 265200 weights',
    );
  });

  it('an SWA phase without a snapshot', () => {
    expect(() => planOf({ arms: ['swamp'], swa: { every: 600 } })).toThrow(/no snapshot/);
    expect(() => planOf({ arms: ['imp'], swa: { every: 600 } })).not.toThrow();
  });

  it('a warm-up longer than what it warms up for', () => {
    expect(() => planOf({ recipe: { epochs: 10, warmup: 560 } })).toThrow(/recipe\.warmup: 560/);
  });
});
