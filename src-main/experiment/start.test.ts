import { describe, expect, it } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import type { PlannedJob } from '../contract/job.ts';
import type { StartResolution } from '../contract/start.ts';
import { planOf } from './plan.fixture.ts';
import type { Plan } from './plan.ts';
import { startFiles } from './start.ts';
import { parseConfig, resolveLocations } from './config.ts';

// LeNet-300-100 on digits: 784·300 + 300·100 prunable weights.
const PRUNABLE = 265_200;
const WEIGHTS = { digest: 'a'.repeat(64), names: 'pytorch' };
const MASK = { digest: 'b'.repeat(64), names: 'swamp', alive: 100_001 };

function startedPlan(
  start: Record<string, string>,
  resolved: StartResolution,
  change: Record<string, unknown> = {},
): Plan {
  return planOf({ start, ...change }, { start: resolved });
}

const both = (change: Record<string, unknown> = {}): Plan =>
  startedPlan({ weights: '/w.npz', mask: '/m.npz' }, { weights: WEIGHTS, mask: MASK }, change);

const ofKind = (plan: Plan, kind: string) => plan.jobs.filter(({ spec }) => spec.kind === kind);

const inputsOf = (plan: Plan, kind: string, name: string) =>
  ofKind(plan, kind).map(({ inputs }) => inputs.filter((input) => input.name === name));

describe('a plan that starts from files', () => {
  const arms = ['imp', { kind: 'imp-ensemble', members: 3 }, { kind: 'swamp', particles: 2 }, 'dense'];

  it('reads each file once, whatever the arms and seeds, and starts every ticket from the weights', () => {
    const plan = both({ arms, seeds: [1, 2] });
    const take = ({ spec }: PlannedJob): string => (spec.kind === 'import' ? spec.take : '');
    const imports = ofKind(plan, 'import').sort((a, b) => (take(a) < take(b) ? 1 : -1));
    expect(imports.map(({ spec }) => spec)).toEqual([
      expect.objectContaining({ take: 'weights', digest: WEIGHTS.digest, names: 'pytorch' }),
      expect.objectContaining({ take: 'mask', digest: MASK.digest, names: 'swamp', pruneClassifier: false }),
    ]);
    const [weights, mask] = imports.map(({ key }) => key);
    expect(ofKind(plan, 'train-ticket')).toHaveLength(6);
    for (const inputs of inputsOf(plan, 'train-ticket', 'start'))
      expect(inputs).toEqual([{ name: 'start', job: weights, output: 'solution' }]);
    for (const job of ofKind(plan, 'train-particle')) {
      if (job.spec.kind !== 'train-particle' || job.spec.round !== 0) continue;
      expect(job.inputs.filter(({ name }) => name === 'mask')).toEqual([
        { name: 'mask', job: mask, output: 'mask' },
      ]);
    }
    for (const run of plan.runs)
      expect(
        run.links
          .filter(({ role }) => role.startsWith('start'))
          .map(({ job }) => job)
          .sort(),
      ).toEqual([weights, mask].sort());
  });

  it('prunes from the mask on: its round 0, then the fraction of what is left, of all that is prunable', () => {
    const { rounds } = both();
    expect(rounds.map(({ alive }) => alive)).toEqual([100_001, 70_001, 49_000, 34_300]);
    expect(rounds[0]?.sparsity).toBe((PRUNABLE - 100_001) / PRUNABLE);
    expect(ofKind(both(), 'prune').map(({ spec }) => spec.kind === 'prune' && spec.alive)).toEqual([
      70_001, 49_000, 34_300,
    ]);
  });

  it('takes a list of sparsities above that of the mask only', () => {
    const listed = (first: number): Plan =>
      both({ sparsity: { kind: 'explicit', sparsities: [first, 0.9] } });
    expect(listed(0.7).rounds.map(({ alive }) => alive)).toEqual([100_001, 79_560, 26_520]);
    expect(() => listed(0.6)).toThrow(ConfigError);
    expect(() => listed(0.6)).toThrow(/0\.6 leaves 106080 of 265200 weights.* only 100001/);
  });

  it('with a mask alone keeps the tickets it has without one', () => {
    const masked = startedPlan({ mask: '/m.npz' }, { mask: MASK });
    const usual = planOf({});
    expect(ofKind(masked, 'train-ticket').map(({ key }) => key)).toEqual(
      ofKind(usual, 'train-ticket').map(({ key }) => key),
    );
    expect(ofKind(masked, 'train-particle')[0]?.key).not.toBe(ofKind(usual, 'train-particle')[0]?.key);
  });

  it('goes by what is in the files, not by where they lie', () => {
    const keys = (plan: Plan): string[] => plan.jobs.map(({ key }) => key);
    const moved = startedPlan(
      { weights: '/elsewhere/w.npz', mask: '/elsewhere/m.npz' },
      { weights: WEIGHTS, mask: MASK },
    );
    expect(keys(moved)).toEqual(keys(both()));
    const edited = startedPlan(
      { weights: '/w.npz', mask: '/m.npz' },
      { weights: { ...WEIGHTS, digest: 'c'.repeat(64) }, mask: MASK },
    );
    expect(keys(edited)).not.toContain(ofKind(both(), 'train-ticket')[0]?.key);
  });

  it('shares what starts from the same weights, whether the classifier is pruned or not', () => {
    const plan = (pruneClassifier: boolean): Plan =>
      startedPlan({ weights: '/w.npz' }, { weights: WEIGHTS }, { pruneClassifier });
    expect(ofKind(plan(true), 'train-ticket')[0]?.key).toBe(ofKind(plan(false), 'train-ticket')[0]?.key);
  });

  it('is refused where the files were never read', () => {
    expect(() => planOf({ start: { weights: '/w.npz' } })).toThrow(/start\.weights/);
  });
});

describe('the key start', () => {
  const config = (start: unknown) =>
    parseConfig({ name: 'test', dataset: 'digits', model: 'lenet', arms: ['imp'], start });

  it('has paths made absolute, and the files are found by their content', () => {
    const located = resolveLocations(config({ weights: 'w.npz', mask: '/m.npz' }), '/home/me');
    expect(located.start).toEqual({ weights: '/home/me/w.npz', mask: '/m.npz', names: 'auto' });
    expect(startFiles(located, { weights: WEIGHTS, mask: MASK })).toEqual({
      [WEIGHTS.digest]: '/home/me/w.npz',
      [MASK.digest]: '/m.npz',
    });
  });

  it.each([
    [{}, /give weights, mask or both/],
    [{ weights: '' }, /start\.weights/],
    [{ weight: 'w.npz' }, /start\.weight: unknown key; did you mean "weights"/],
    [{ weights: 'w.npz', names: 'torch' }, /there is no naming "torch"; known namings: auto, swamp, pytorch/],
    ['w.npz', /start/],
  ])('refuses %j', (start, message) => {
    expect(() => config(start)).toThrow(message);
  });
});
