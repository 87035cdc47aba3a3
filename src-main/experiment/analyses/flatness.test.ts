import { describe, expect, it } from 'vitest';
import type { Subject } from '../../contract/analysis.ts';
import type { FigureOf, Findings } from '../../contract/figures.ts';
import type { ExperimentId, JobKey, RunId } from '../../contract/ids.ts';
import { JobSpec, type SpecOf } from '../../contract/job.ts';
import { runId } from '../comparison.ts';
import { parseConfig } from '../config.ts';
import { planExperiment } from '../plan.ts';
import { digitsResolved } from '../plan.fixture.ts';
import type { AnalysisContext, NamedInput, Results, SubjectRun } from './analysis.ts';
import { flatness } from './flatness.ts';
import { openRun } from './subjects.ts';

const experiment = 'test-0000' as ExperimentId;

interface Added {
  readonly spec: JobSpec;
  readonly inputs: readonly NamedInput[];
  readonly run: SubjectRun;
  readonly round: number;
}

/** An analysis of planned runs: what it asks for, and how it reads results that a test makes up. */
function analyse(subjects: readonly Partial<Subject>[], options: Record<string, unknown> = {}) {
  const config = parseConfig({
    name: 'test',
    dataset: { kind: 'digits' },
    model: { kind: 'lenet' },
    recipe: { epochs: 1 },
    seeds: [1, 2],
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 3 },
    arms: ['imp', { kind: 'swamp', particles: 2 }, { kind: 'imp-ensemble', members: 2 }],
  });
  const plan = planExperiment({ config, resolved: digitsResolved });
  const jobs = new Map(plan.jobs.map((job) => [job.key, job]));
  const runs = plan.runs.map((run) =>
    openRun({ experiment, config, plan, jobs }, run, runId(experiment, run), `${run.arm}, seed ${run.seed}`),
  );
  const opened = subjects.map(({ run: id, round, particle }) => {
    const run = runs.find((each) => each.id === `${experiment}/${id}`);
    if (!run) throw new Error(`no run ${id} among ${runs.map((each) => each.id).join()}`);
    return { run, round, particle, label: '' };
  });
  const added = new Map<JobKey, Added>();
  const context: AnalysisContext = {
    request: { analysis: { kind: 'flatness' }, subjects: [] },
    subjects: opened,
    runs: [...new Set(opened.map(({ run }) => run))],
    add(spec, inputs) {
      const of = inputs[0]?.made.job;
      const key = `${spec.kind} ${of} ${inputs[1]?.made.job}` as JobKey;
      const at = opened
        .flatMap(({ run, particle }) => run.rounds.map(({ round }) => ({ run, round, particle })))
        .find(({ run, round, particle }) => run.one(round, particle).job === of);
      if (!at) throw new Error('a solution of nobody');
      added.set(key, { spec: JobSpec.parse(spec), inputs, run: at.run, round: at.round });
      return key;
    },
  };
  const read = flatness.plan(context, flatness.schema.parse({ kind: 'flatness', ...options }));
  return {
    added: [...added.values()],
    read: (of: (job: Added) => object | null) => read(resultsOf(added, of)),
  };
}

function resultsOf(added: ReadonlyMap<JobKey, Added>, of: (job: Added) => object | null): Results {
  return (key) => {
    const job = added.get(key);
    const series = job ? of(job) : null;
    return series && ({ evaluation: null, series } as ReturnType<Results>);
  };
}

const run = (id: string): { run: RunId } => ({ run: id as RunId });
const both = ['imp/1', 'imp/2', 'swamp-2/1', 'swamp-2/2'].map(run);

/** Traces of imp are 10 above those of swamp(2), 12 on seed 2; probes are one to either side. */
function madeUp({ spec, run: { arm, seed }, round }: Added): object {
  const trace = 100 - 10 * round + (arm === 'imp' ? 8 + 2 * seed : 0);
  return spec.kind === 'hessian-trace'
    ? { probe: [trace - 1, trace + 1], alive: [50] }
    : { eigenvalue: [trace / 2, 1], error: [0.1, 0.01], products: [9], converged: [1], alive: [50] };
}

const figure = <Kind extends 'lines' | 'table' | 'words'>(findings: Findings, id: string) =>
  findings.figures.find((each) => each.id === id) as FigureOf<Kind>;

describe('the jobs', () => {
  it('are of every round, with the statistics and the mask that go with the solution', () => {
    const { added } = analyse([run('imp/1')]);
    expect(added.map(({ spec, round }) => [spec.kind, round])).toEqual(
      [0, 1, 2, 3].flatMap((round) => [
        ['hessian-trace', round],
        ['hessian-eigenvalues', round],
      ]),
    );
    for (const { inputs, round } of added)
      expect(inputs.map(({ name, made }) => [name, made.output])).toEqual([
        ['solution', 'solution'],
        ['statistics', 'statistics'],
        ...(round > 0 ? [['mask', 'mask']] : []),
      ]);
  });

  it('are as many as are asked for', () => {
    const { added } = analyse([run('imp/1')], { rounds: [3, 9], eigenvalues: 0, probes: 4, images: 20_000 });
    expect(added).toHaveLength(1);
    // There are 7,200.
    expect(added[0]?.spec).toMatchObject({
      kind: 'hessian-trace',
      probes: 4,
      images: 7200,
      batch: 50,
      seed: 1,
    });
  });

  it('may be of a particle, or of a member of an ensemble', () => {
    const { added, read } = analyse([
      { ...run('swamp-2/1'), round: 2, particle: 1 },
      { ...run('imp-ensemble-2/1'), round: 2, particle: 1 },
    ]);
    expect(new Set(added.map(({ inputs }) => inputs[0]?.made.job)).size).toBe(2);
    const labels = figure<'lines'>(read(madeUp), 'trace').series.map(({ label }) => label);
    expect(labels).toEqual(['swamp(2) particle 1', 'imp-ensemble(2) member 1']);
  });

  it('of an ensemble are refused, naming its members', () => {
    expect(() => analyse([run('imp-ensemble-2/1')])).toThrow('stands for 2 networks');
  });

  it('of rounds that there are not are refused', () => {
    expect(() => analyse([run('imp/1')], { rounds: [7] })).toThrow(
      'rounds: none of the runs has one of these rounds',
    );
  });

  it('are refused where they could not be held in memory', () => {
    const wanted = { steps: 1000, images: 2 };
    expect(() => analyse([run('imp/1')], wanted)).not.toThrow();
    expect(() => flatness.schema.parse({ kind: 'flatness', images: 3 })).toThrow();
    expect((analyse([run('imp/1')], wanted).added[1]?.spec as SpecOf<'hessian-eigenvalues'>).steps).toBe(
      1000,
    );
  });
});

describe('what is found', () => {
  it('of one seed has the probes’ interval, of several the seeds’', () => {
    const one = figure<'lines'>(analyse([run('imp/1')]).read(madeUp), 'trace');
    // Student’s t of one degree of freedom, times 1.
    expect(one.series[0]?.points[0]).toMatchObject({
      x: 0,
      y: 110,
      low: expect.closeTo(110 - 12.706, 2) as number,
    });
    expect(one.bars).toBe('95 % interval over probes');
    const two = figure<'lines'>(analyse(both).read(madeUp), 'trace');
    expect(two.bars).toBe('95 % interval over 2 seeds by Student’s t');
    const uneven = figure<'lines'>(analyse(both.slice(1)).read(madeUp), 'trace');
    expect(uneven.bars).toBe(`${two.bars}; of one seed: ${one.bars}`);
    expect(two.series.map(({ label, arm }) => [label, arm])).toEqual([
      ['imp', 'imp'],
      ['swamp(2)', 'swamp(2)'],
    ]);
    expect(two.series[0]?.points[0]).toMatchObject({
      y: 111,
      low: expect.closeTo(111 - 12.706, 2) as number,
    });
    expect(two.series[1]?.points[3]).toMatchObject({ x: 0.875, y: 70, low: 70, name: 'round 3' });
  });

  it('has the largest eigenvalues, with their errors', () => {
    const findings = analyse([run('imp/1')]).read(madeUp);
    const largest = figure<'lines'>(findings, 'largest-eigenvalue').series[0]?.points[0];
    expect(largest).toEqual({ x: 0, y: 55, low: 54.9, high: 55.1, name: 'round 0' });
    const ranks = figure<'lines'>(findings, 'eigenvalues').series[0]?.points;
    expect(ranks?.map(({ x, y }) => [x, y])).toEqual([
      [1, 40],
      [2, 1],
    ]);
    expect(figure<'table'>(findings, 'networks').rows[0]).toEqual([
      ...['imp', 1, 0, 0, 50, 110],
      ...[1, 55, 1, 0.1],
    ]);
  });

  it('is held against the claim: paired by seed, over rounds from 78 % on', () => {
    const { claims } = analyse(both).read(madeUp);
    expect(claims).toMatchObject([
      {
        text: 'swamp(2) has a lower Hessian trace than imp at 87.5 % sparsity: imp − swamp(2)',
        value: 11,
        verdict: 'open',
      },
      { value: 5.5, verdict: 'open' },
    ]);
    const near = analyse(both).read((job) => {
      const { probe } = madeUp(job) as { probe?: number[] };
      // Both seeds 10 apart.
      return probe
        ? {
            ...madeUp(job),
            probe: probe.map((value) => value - (job.run.arm === 'imp' && job.run.seed === 2 ? 2 : 0)),
          }
        : null;
    });
    expect(near.claims).toMatchObject([{ value: 10, low: 10, high: 10, verdict: 'shown' }]);
  });

  it('has no claim of eigenvalues that are not as exact as asked for', () => {
    const { claims, notes } = analyse(both).read((job) => ({
      ...madeUp(job),
      ...(job.run.arm === 'imp' && job.run.seed === 2 && job.round === 3 ? { converged: [0] } : {}),
    }));
    expect(claims).toMatchObject([
      { value: 11, interval: '95 % interval over 2 seeds' },
      { value: 5, interval: 'one seed: no interval, without seed 2' },
    ]);
    expect(notes.join(' ')).toContain(
      'imp seed 2 round 3 are not as exact as asked for, and no claim counts',
    );
    const none = analyse(both).read((job) => ({ ...madeUp(job), converged: [0] }));
    expect(none.claims).toHaveLength(1);
  });

  it('says which rounds no seed has a value of', () => {
    const { claims } = analyse(both, { from: 0.7 }).read((job) => ({
      ...madeUp(job),
      ...(job.run.arm === 'imp' && job.round === 3 ? { converged: [0] } : {}),
    }));
    expect(claims[1]).toMatchObject({
      text: 'swamp(2) has a smaller largest eigenvalue than imp at 75.0 % sparsity: imp − swamp(2)',
      interval: '95 % interval over 2 seeds, without round 3',
    });
  });

  it('of one seed leaves claims open, of rounds that are not sparse makes none', () => {
    const one = analyse([run('imp/1'), run('swamp-2/1')]).read(madeUp);
    expect(one.claims[0]).toMatchObject({
      value: 10,
      low: null,
      verdict: 'open',
      interval: 'one seed: no interval',
    });
    const early = analyse(both, { rounds: [0, 1] }).read(madeUp);
    expect(early.claims).toEqual([]);
    expect(early.notes.at(-1)).toContain('no network that is looked at is 78.0 % sparse');
  });

  it('says in words what is not finite, and what is missing', () => {
    const { read } = analyse(both);
    const findings = read((job) => {
      if (job.run.arm === 'imp' && job.round === 2)
        return job.spec.kind === 'hessian-trace' ? { probe: [], lost: [0], alive: [9] } : null;
      return job.run.arm === 'imp' && job.round === 3 ? null : madeUp(job);
    });
    expect(figure<'words'>(findings, 'lost').text).toContain('imp seed 1 round 2, imp seed 2 round 2');
    expect(figure<'words'>(findings, 'missing').text).toContain('2 of 16 networks: imp seed 1 round 3');
    expect(figure<'lines'>(findings, 'trace').series[0]?.points.map(({ name }) => name)).toEqual([
      'round 0',
      'round 1',
    ]);
    expect(findings.claims).toEqual([]);
    const nothing = read(() => null);
    expect(figure<'words'>(nothing, 'trace').text).toBe('Nothing is measured yet.');
  });
});
