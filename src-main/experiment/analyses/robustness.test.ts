import { describe, expect, test } from 'vitest';
import type { Figure, FigureOf, Findings } from '../../contract/figures.ts';
import type { PlannedJob } from '../../contract/job.ts';
import { corruptions } from '../../datasets/corruptions/registry.ts';
import { experimentOf, opened, resultsOf } from './opened.fixture.ts';

const kind = 'robustness';
const runs = ['test/imp/1', 'test/imp/2', 'test/swamp-4/1', 'test/swamp-4/2'];

const figure = <Kind extends Figure['kind']>({ figures }: Findings, of: Kind, id: string): FigureOf<Kind> => {
  const found = figures.find((each) => each.kind === of && each.id === id);
  expect(found, id).toBeDefined();
  return found as FigureOf<Kind>;
};

const corruptionOf = ({ spec }: PlannedJob) => (spec.kind === kind ? spec.corruption : null);

/** Errors by the job's severities: 0.1 clean; by corruption from 0.2 up, more by severity, less for two networks at once. */
function made(job: PlannedJob) {
  const corruption = corruptionOf(job);
  if (corruption === null) return { error: [0.1], nll: [1], ece: [0.01] };
  const at = [...corruptions.keys()].indexOf(corruption.kind);
  const error = corruption.severities.map((severity) => 0.2 + 0.01 * at + 0.02 * severity);
  return { error, nll: error.map(() => 2), ece: error.map(() => 0.05) };
}

describe('planning', () => {
  test('asks for every corruption of the first and the last round, and for clean images', () => {
    const { own } = opened({ kind }, ['test/imp/1']);
    expect(own).toHaveLength(2 * 16);
    expect(new Set(own.map((job) => corruptionOf(job)?.kind))).toEqual(
      new Set([undefined, ...corruptions.keys()]),
    );
    for (const { spec, inputs } of own) {
      expect(spec).toMatchObject({ images: 1000 });
      expect(inputs.map(({ name }) => name)).toEqual(['solution', 'statistics']);
    }
  });

  test('puts one corruption after another, for all networks', () => {
    const { own } = opened({ kind, corruptions: ['snow', 'fog'] }, runs);
    const order = own.map((job) => corruptionOf(job)?.kind ?? 'clean');
    expect(order.filter((each, at) => each !== order[at - 1])).toEqual(['clean', 'snow', 'fog']);
  });

  test('gives an ensemble all its members, and one of them by itself', () => {
    const options = { kind, corruptions: ['fog'], rounds: [2] };
    const { own } = opened(options, ['test/imp-ensemble-2/1']);
    for (const { inputs } of own)
      expect(inputs.map(({ name }) => name)).toEqual(['solution', 'statistics', 'solution', 'statistics']);
    const { own: one } = opened(options, ['test/imp-ensemble-2/1@2:1']);
    for (const { inputs } of one) expect(inputs).toHaveLength(2);
  });

  test('leaves the number of images out where it is all of them', () => {
    const { own } = opened({ kind, images: 1_000_000, corruptions: ['fog'] }, ['test/imp/1@2']);
    for (const { spec } of own) expect(spec).not.toHaveProperty('images');
  });

  test('names what is not there', () => {
    expect(() => opened({ kind, corruptions: ['rain'] }, runs)).toThrow("there is no 'rain'");
    expect(() => opened({ kind, rounds: [9] }, runs)).toThrow('none of the runs has one of these rounds');
    expect(() => opened({ kind, severities: [6] }, runs)).toThrow('severities');
  });

  test('refuses images of channels that no corruption knows', () => {
    const withChannels = (channels: number) => {
      const { resolution, ...test } = experimentOf('test');
      const dataset = { ...resolution.dataset, shape: [8, 8, channels] };
      return () => opened({ kind }, runs, [{ ...test, resolution: { ...resolution, dataset } }]);
    };
    for (const channels of [2, 4])
      expect(withChannels(channels)).toThrow(`robustness: images of ${channels} channels`);
    for (const channels of [1, 3]) expect(withChannels(channels)).not.toThrow();
  });
});

describe('reading', () => {
  const open = opened({ kind }, runs);

  test('means are over corruptions and severities', () => {
    const findings = open.read(resultsOf(open.plan.jobs, made));
    const lines = figure(findings, 'lines', 'mean-corruption-error');
    expect(lines.series.map(({ label }) => label)).toEqual([
      'imp',
      'imp, clean',
      'swamp(4)',
      'swamp(4), clean',
    ]);
    // 0.2 + 0.01 · 7 + 0.02 · 3
    for (const { y, low } of lines.series[0]?.points ?? []) {
      expect(y).toBeCloseTo(0.33, 12);
      expect(low).toBeCloseTo(0.33, 12);
    }
    const heat = figure(findings, 'heat', 'by-corruption');
    expect(heat.rows.names).toHaveLength(15);
    expect(heat.columns.names).toHaveLength(4);
    for (const [at, row] of heat.values.entries())
      for (const value of row) expect(value).toBeCloseTo(0.26 + 0.01 * at, 12);
    const severity = figure(findings, 'lines', 'by-severity');
    expect(severity.series[0]?.points.map(({ x }) => x)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(severity.series[0]?.points[5]?.y).toBeCloseTo(0.2 + 0.07 + 0.1, 12);
    const table = figure(findings, 'table', 'robustness');
    expect(table.rows).toHaveLength(4);
    expect(table.rows[0]?.slice(0, 4)).toEqual(['imp', 0, 0, 2]);
    expect(findings.notes.join(' ')).toMatch(/unnormalised|plain mean/);
    expect(findings.notes.join(' ')).toContain('Frost is drawn here');
  });

  test('the claim pairs seeds: imp − swamp', () => {
    const swamp = new Set(opened({ kind }, runs.slice(2)).own.map(({ key }) => key));
    const findings = open.read(
      resultsOf(open.plan.jobs, (job) => {
        const series = made(job);
        return swamp.has(job.key) ? { ...series, error: series.error.map((each) => each - 0.03) } : series;
      }),
    );
    expect(findings.claims).toHaveLength(1);
    expect(findings.claims[0]).toMatchObject({ verdict: 'shown' });
    expect(findings.claims[0]?.value).toBeCloseTo(0.03, 12);
  });

  describe('arms of several experiments', () => {
    const EXPERIMENT = { arms: ['imp', 'swamp', { kind: 'multi-sgd', particles: 4 }] };
    const [a, longer] = [experimentOf('a', EXPERIMENT), experimentOf('b', { ...EXPERIMENT, recipe: { epochs: 20 } })]; // prettier-ignore
    const claimsOf = (subjects: string[], of: ReturnType<typeof experimentOf>[]) => {
      const { plan, read } = opened({ kind, corruptions: ['fog'] }, subjects, of);
      const { claims, notes } = read(resultsOf(plan.jobs, made));
      const texts = claims.map(({ text }) => text.replace(/ has .* than /, ' / ').replace(/ at .*/, ''));
      return { texts, claims, notes: notes.slice(2) };
    };

    test('are not held against each other where their settings differ: said', () => {
      const apart = claimsOf(['a/swamp-4/1', 'b/imp/1'], [a, longer]);
      expect(apart.texts).toEqual([]);
      expect(apart.notes).toEqual([
        'Arms trained with different settings are not held against each other: imp with recipe.epochs 20; swamp(4) with recipe.epochs 10.',
      ]);
      const both = claimsOf(['b/imp/1', 'a/imp/1', 'a/swamp-4/1'], [a, longer]);
      expect(both.texts).toEqual(['swamp(4) / imp of a']);
      expect(both.notes).toHaveLength(1);
      // Without an arm of the other kind there is nothing to hold against each other.
      expect(claimsOf(['a/imp/1', 'b/imp/1'], [a, longer]).notes).toEqual([]);
    });

    test('go together where settings are the same, and those of one experiment first', () => {
      const b = experimentOf('b', { ...EXPERIMENT, seeds: [2] });
      const spread = claimsOf(['a/swamp-4/1', 'b/swamp-4/2', 'a/imp/1', 'b/imp/2'], [a, b]);
      expect(spread.texts).toEqual(['swamp(4) / imp']);
      expect(spread.claims[0]?.interval).toBe('95 % interval over 2 seeds');
      expect(spread.notes).toEqual([]);
      const again = { ...b, resolution: { ...b.resolution, threads: 1 } };
      const twice = claimsOf(['b/imp/2', 'a/imp/2', 'b/swamp-4/2', 'a/swamp-4/2'], [a, again]);
      expect(twice.texts).toEqual(['swamp(4) of b / imp of b', 'swamp(4) of a / imp of a']);
    });

    test('of one seed that hold out different images are refused', () => {
      const b = experimentOf('b', EXPERIMENT);
      const splits = {
        ...b.resolution.splits,
        1: { digest: 'e'.repeat(64), training: 7200, validation: 800 },
      };
      const other = { ...b, resolution: { ...b.resolution, splits } };
      for (const analysis of [kind, 'calibration', 'flatness'])
        expect(() => opened({ kind: analysis }, ['a/imp/1', 'b/swamp-4/1'], [a, other])).toThrow(
          /hold out different images for validation, so seed 1 is no pair/,
        );
      expect(() => claimsOf(['a/imp/1', 'b/imp/1'], [a, other])).not.toThrow();
    });

    test('that average without SWAMP make no claim', () => {
      expect(claimsOf(['a/imp/1', 'a/multi-sgd-4/1'], [a]).texts).toEqual([]);
    });
  });

  test('what is not done, or no number, is said in words', () => {
    const nothing = open.read(() => null);
    expect(nothing.figures.map(({ kind: each }) => each)).toEqual(['words']);
    expect(nothing.claims).toEqual([]);
    const lost = open.read(
      resultsOf(open.plan.jobs, (job) =>
        job === open.own.find((each) => corruptionOf(each)?.kind === 'fog')
          ? { ...made(job), lost: [1] }
          : made(job),
      ),
    );
    expect(lost.figures.filter(({ kind: each }) => each === 'words')).toHaveLength(1);
    const heat = figure(lost, 'heat', 'by-corruption');
    expect(heat.values.flat().every((value) => value !== null)).toBe(true);
  });
});
