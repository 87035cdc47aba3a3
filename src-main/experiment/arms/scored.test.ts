import { describe, expect, it, test } from 'vitest';
import { ConfigError } from '../../contract/errors.ts';
import type { SpecOf } from '../../contract/job.ts';
import { planOf } from '../plan.fixture.ts';
import { maskJob, type Plan, type PlannedRun } from '../plan.ts';
import { openArm } from './registry.ts';

const kinds = ['random', 'snip', 'grasp', 'synflow'];

function run(plan: Plan, slug: string): PlannedRun {
  const found = plan.runs.find((each) => each.slug === slug);
  if (!found) throw new Error(`no run ${slug}`);
  return found;
}

function job(plan: Plan, key: string | null) {
  const found = plan.jobs.find((each) => each.key === key);
  if (!found) throw new Error(`no job ${key}`);
  return found;
}

const linked = (of: PlannedRun, role: string, round: number): string[] =>
  of.links.filter((link) => link.role === role && link.round === round).map((link) => link.job);

describe.each(kinds)('%s', (kind) => {
  const plan = planOf({ arms: ['imp', kind, { kind, at: 'ticket' }] });
  const [imp, early, late] = [run(plan, 'imp'), run(plan, kind), run(plan, `${kind}-ticket`)];

  it('has round 0 of imp, and every other round at the sparsity of imp’s', () => {
    for (const role of ['particle', 'evaluate'])
      for (const of of [early, late]) expect(linked(of, role, 0)).toEqual(linked(imp, role, 0));
    for (const { round, alive } of plan.rounds.slice(1))
      for (const of of [early, late]) {
        const { spec } = job(plan, maskJob(of, round, 0));
        expect(spec).toMatchObject({ kind: 'score', alive, method: { kind } });
      }
  });

  it('scores the initialisation, trains its ticket under the mask and goes on from there', () => {
    const mask = maskJob(early, 2, 0);
    const [particle = null] = linked(early, 'particle', 2);
    const inputs = Object.fromEntries(job(plan, particle).inputs.map(({ name, job }) => [name, job]));
    expect(inputs['mask']).toBe(mask);
    expect(linked(early, 'ticket', 2)).toEqual([inputs['ticket']]);
    const ticket = job(plan, inputs['ticket'] ?? null);
    expect(ticket.inputs).toEqual([{ name: 'mask', job: mask, output: 'mask' }]);
    expect((ticket.spec as SpecOf<'train-ticket'>).iterations).toBeGreaterThan(0);
    const [from] = job(plan, mask).inputs;
    expect(job(plan, from?.job ?? null).spec).toMatchObject({ kind: 'train-ticket', iterations: 0 });
    expect(linked(early, 'initialisation', 0)).toEqual([from?.job]);
  });

  it('at the ticket scores the ticket that all arms share, and trains from it', () => {
    const [ticket] = linked(imp, 'ticket', 0);
    const mask = maskJob(late, 2, 0);
    expect(job(plan, mask).inputs).toEqual([{ name: 'solution', job: ticket, output: 'solution' }]);
    const [particle = null] = linked(late, 'particle', 2);
    expect(job(plan, particle).inputs.map(({ job }) => job)).toEqual([ticket, mask]);
  });

  it('makes every mask from what is alive at the start, none from another', () => {
    const masks = plan.rounds.slice(1).map(({ round }) => maskJob(early, round, 0));
    expect(new Set(masks).size).toBe(masks.length);
    for (const mask of masks) expect(job(plan, mask).inputs).toHaveLength(1);
  });

  it('trains once a round', () => {
    const trainings = plan.rounds.map(({ round }) => linked(early, 'particle', round).length);
    expect(trainings).toEqual(plan.rounds.map(() => 1));
  });
});

test.each([
  [{ kind: 'random' }, 'random', 'random'],
  [{ kind: 'random', at: 'ticket' }, 'random(at the ticket)', 'random-ticket'],
  [{ kind: 'snip', perClass: 20 }, 'snip(20 images a class)', 'snip-n20'],
  [{ kind: 'snip', batch: 64 }, 'snip(batches of 64)', 'snip-b64'],
  [{ kind: 'grasp', batch: 50, temperature: 1 }, 'grasp(temperature 1)', 'grasp-t1'],
  [{ kind: 'synflow', at: 'ticket', steps: 10 }, 'synflow(at the ticket; 10 steps)', 'synflow-ticket-s10'],
])('%j is called %s', (spec, label, slug) => {
  expect(openArm(spec)).toMatchObject({ label, slug });
});

test('scores prune groups of weights where a layer stays whole', () => {
  // Its second layer has 300 inputs, which 8 does not divide.
  const plan = planOf({
    model: { kind: 'lenet', hidden: [300, 100] },
    scope: { kind: 'n-m', m: 8 },
    sparsity: { kind: 'explicit', sparsities: [0.75] },
    arms: ['snip', 'random'],
  });
  expect(plan.rounds[1]?.alive).toBe(88_800);
  const scored = plan.jobs.flatMap(({ spec }) => (spec.kind === 'score' ? [spec.alive] : []));
  expect(scored).toEqual([88_800, 88_800]);
});

test('synflow in steps is refused where groups of weights have no mask in between', () => {
  const scope = { kind: 'n-m', m: 4 };
  const sparsity = { kind: 'explicit', sparsities: [0.5] };
  const plan = (arm: unknown) => planOf({ scope, sparsity, arms: [arm] });
  expect(() => plan('synflow')).toThrow(ConfigError);
  expect(() => plan('synflow')).toThrow('synflow prunes in 100 steps');
  expect(plan({ kind: 'synflow', steps: 1 }).rounds).toHaveLength(2);
  expect(plan('snip').rounds).toHaveLength(2);
});

test.each([
  [{ kind: 'snip', at: 'end' }, 'arms.at'],
  [{ kind: 'snip', perClass: 0 }, 'arms.perClass'],
  [{ kind: 'grasp', temperature: 0 }, 'arms.temperature'],
  [{ kind: 'synflow', perClass: 10 }, 'perClass'],
])('%j is refused, naming %s', (spec, named) => {
  expect(() => openArm(spec)).toThrow(named);
});
