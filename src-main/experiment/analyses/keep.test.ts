import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AnalysisRequest } from '../../contract/analysis.ts';
import type { RunId } from '../../contract/ids.ts';
import { openLibrary, type Library } from '../../store/library.ts';
import { half, small, unpackOrigin, type Given } from '../run-file/fixtures.ts';
import { storedExperiment } from '../studio.ts';
import type { AnalysisDefinition } from './analysis.ts';
import {
  analysisCost,
  createAnalysis,
  findingsOf,
  knownAnalysis,
  prepareAnalysis,
  requireResults,
  shownAnalysis,
} from './keep.ts';
import { prepareStored } from '../studio.ts';
import { analyses } from './registry.ts';
import { subjectsOf } from './subject-text.ts';

const Options = z.strictObject({ kind: z.literal('test-averages'), times: z.number().int().default(1) });

/** Averages the particles of each run's last round, which its own average has done as well; and the solutions of its rounds. */
const averages: AnalysisDefinition<z.infer<typeof Options>> = {
  kind: 'test-averages',
  title: 'Averages',
  about: 'For tests.',
  schema: Options,
  subjects: { least: 1, most: 2, parts: 'particles' },
  plan({ runs, add }, { times }) {
    const of = (run: (typeof runs)[number], made: ReturnType<typeof run.particles>) =>
      add(
        { kind: 'average' },
        made.map((each) => ({ name: 'solution', made: each })),
        run.label,
      );
    const keys = runs.flatMap((run) => [
      of(run, run.particles(run.rounds.length - 1)),
      of(run, [
        ...run.rounds.map(({ round }) => run.solution(round)),
        ...Array.from({ length: times }, () => run.solution(0)),
      ]),
    ]);
    return (results) => ({
      figures: [],
      claims: [],
      notes: keys.map((key) => (results(key) === null ? 'missing' : 'there')),
    });
  },
};

let given: Given;
let library: Library;
beforeAll(async () => {
  given = await unpackOrigin();
  given.origin.close();
});
afterAll(() => given.close());
beforeEach(() => {
  analyses.set(averages.kind, averages);
  library = openLibrary(given.origin.dir);
});
afterEach(() => {
  analyses.delete(averages.kind);
  library.close();
});

const swamp = `${small}/swamp-2/1` as RunId;
const imp = `${small}/imp/1` as RunId;
const request = (...runs: RunId[]): AnalysisRequest => ({
  analysis: { kind: averages.kind },
  subjects: runs.map((run) => ({ run })),
});

describe('planning', () => {
  test('takes jobs that the runs made as theirs, and plans only what is new', () => {
    const { plan, config } = prepareAnalysis(library, request(swamp));
    expect(config.name).toBe('small');
    expect(plan.own).toHaveLength(1);
    const all = new Set(storedExperiment(library, small).plan.jobs.map(({ key }) => key));
    for (const { key } of plan.jobs) expect(all.has(key)).toBe(!plan.own?.includes(key));
    // Inputs come first, and none is missing.
    const seen = new Set<string>();
    for (const { key, inputs } of plan.jobs) {
      for (const { job } of inputs) expect(seen).toContain(job);
      seen.add(key);
    }
  });

  test('is said in words where it cannot be', () => {
    const refused = (wrong: Partial<AnalysisRequest>) => (): unknown =>
      prepareAnalysis(library, { ...request(swamp), ...wrong });
    expect(refused({ analysis: { kind: 'magic' } })).toThrow("analysis.kind: there is no 'magic'");
    expect(refused({ analysis: { kind: averages.kind, times: 'two' } })).toThrow(
      /^analysis.times: .*given: "two"/,
    );
    expect(refused({ subjects: [swamp, imp, swamp].map((run) => ({ run })) })).toThrow(
      'test-averages looks at 1 to 2, not at 3',
    );
    expect(refused({ subjects: [{ run: swamp, round: 7 }] })).toThrow(`${swamp} has no round 7`);
    expect(refused({ subjects: [{ run: swamp, round: 1, particle: 2 }] })).toThrow(
      `${swamp}@1:2: swamp(2) has 2 in a round`,
    );
    expect(refused({ subjects: [{ run: 'gone-1234/imp/1' as RunId }] })).toThrow('no run is called');
  });
});

describe('cost', () => {
  test('of what is not stored, nothing trained', () => {
    const prepared = prepareAnalysis(library, request(swamp, imp));
    expect(analysisCost(library, prepared)).toMatchObject({
      jobs: 3,
      stored: 0,
      trainings: 0,
      removed: null,
    });
    expect(() => requireResults(library, prepared, false)).not.toThrow();
  });

  test('runs that have not come so far are refused, with what finishes them', () => {
    const prepared = prepareAnalysis(library, request(`${half}/swamp-2/1` as RunId));
    expect(() => analysisCost(library, prepared)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^\d+ jobs of what is to be looked at are not done$/) as string,
        hint: `\`swamp resume ${half}\` finishes them; or name rounds that are finished.`,
      }),
    );
  });

  test('results that retention let go are named with the setting, and made again on request alone', () => {
    const { store } = library;
    store.putSetting('retention.particles', 'none');
    try {
      store.applyRetention();
      const prepared = prepareAnalysis(library, request(swamp));
      // The average of the particles is there; nothing new takes particles.
      expect(() => requireResults(library, prepared, false)).not.toThrow();
      const [first, second] = [0, 1].map((particle) => ({ run: swamp, round: 0, particle }));
      if (!first || !second) throw new Error('two');
      analyses.set('test-particles', {
        ...averages,
        kind: 'test-particles',
        schema: z.strictObject({ kind: z.literal('test-particles') }),
        plan({ subjects, add }) {
          const made = subjects.map(({ run, round, particle }) => run.one(round ?? 0, particle));
          add(
            { kind: 'average' },
            [...made, ...made].map((each) => ({ name: 'solution', made: each })),
            'x',
          );
          return () => ({ figures: [], claims: [], notes: [] });
        },
      });
      const taking = prepareAnalysis(library, {
        analysis: { kind: 'test-particles' },
        subjects: [first, second],
      });
      expect(analysisCost(library, taking)).toMatchObject({
        trainings: 2,
        trainingsStored: 0,
        removed: { results: 2, trainings: 2, settings: ['retention.particles'] },
      });
      expect(() => requireResults(library, taking, false)).toThrow(
        '2 results that it takes are no longer stored: the setting retention.particles let them go',
      );
      expect(() => requireResults(library, taking, false)).toThrow(
        expect.objectContaining({
          hint: 'Make them again (--again), or keep such in later experiments (`swamp settings retention.particles all`).',
        }),
      );
      expect(() => requireResults(library, taking, true)).not.toThrow();
      store.putSetting('retention.predictions', 'none');
      store.applyRetention();
      analyses.set('test-both', {
        ...averages,
        kind: 'test-both',
        schema: z.strictObject({ kind: z.literal('test-both') }),
        plan({ subjects, add }) {
          for (const { run, round, particle } of subjects) {
            const made = run.one(round ?? 0, particle);
            add(
              { kind: 'average' },
              [made, made].map((each) => ({ name: 'solution', made: each })),
              'x',
            );
            const predictions = { name: 'predictions', made: run.predictions(1, undefined) };
            add({ kind: 'calibration', task: run.task }, [predictions], 'y');
          }
          return () => ({ figures: [], claims: [], notes: [] });
        },
      });
      const both = prepareAnalysis(library, { analysis: { kind: 'test-both' }, subjects: [first] });
      expect(analysisCost(library, both).removed).toEqual({
        results: 2,
        trainings: 1,
        settings: ['retention.particles', 'retention.predictions'],
      });
      expect(() => requireResults(library, both, false)).toThrow(
        expect.objectContaining({
          message:
            '2 results that it takes are no longer stored: the settings retention.particles and retention.predictions let them go',
          hint: 'Make them again (--again), or keep such in later experiments (`swamp settings retention.particles all` and `swamp settings retention.predictions all`).',
        }),
      );
      // A setting that keeps them has not removed them.
      store.putSetting('retention.particles', 'all');
      expect(analysisCost(library, taking).removed).toMatchObject({ settings: [] });
      expect(() => requireResults(library, taking, false)).toThrow(
        expect.objectContaining({
          message: '2 results that it takes are no longer stored',
          hint: 'Make them again (--again).',
        }),
      );
    } finally {
      for (const kind of ['test-particles', 'test-both']) analyses.delete(kind);
      store.putSetting('retention.particles', undefined);
      store.putSetting('retention.predictions', undefined);
    }
  });
});

test('one that is stored is known again, whatever defaults were written out', async () => {
  const id = await createAnalysis(library, prepareAnalysis(library, request(swamp)));
  expect(id).toMatch(/^small-test-averages-[0-9a-f]{4}$/);
  expect(knownAnalysis(library, request(swamp))).toBe(id);
  expect(knownAnalysis(library, { ...request(swamp), analysis: { kind: averages.kind, times: 1 } })).toBe(id);
  expect(
    knownAnalysis(library, { ...request(swamp), analysis: { kind: averages.kind, times: 2 } }),
  ).toBeNull();
  expect(knownAnalysis(library, request(imp))).toBeNull();
  const row = library.store.experiment(id);
  expect(shownAnalysis(row)).toMatchObject({
    id,
    kind: averages.kind,
    title: 'Averages',
    state: 'waiting',
    counts: { waiting: 1 },
    subjects: [{ run: swamp }],
  });
  expect(findingsOf(library, id).notes).toEqual(['there', 'missing']);
  // Planned as it was stored, it has the same jobs.
  expect(storedExperiment(library, id).plan.jobs).toEqual(prepareAnalysis(library, request(swamp)).plan.jobs);
  expect(() => findingsOf(library, small)).toThrow(`${small} is an experiment, not an analysis`);
  library.store.collect({ experiments: [id], olderThan: 0 });
});

test('one of a run that has grown since is another', async () => {
  const { config, resolution } = prepareAnalysis(library, request(imp));
  const { analysis } = resolution;
  if (!analysis) throw new Error('no analysis');
  // As it was when the run had a round less.
  const sparsity = { kind: 'geometric', fraction: 0.5, rounds: 1 } as const;
  const of = analysis.of.map((each) => ({ ...each, config: { ...each.config, sparsity } }));
  const earlier = prepareStored(config, { ...resolution, analysis: { ...analysis, of } });
  const id = await createAnalysis(library, earlier);
  expect(knownAnalysis(library, request(imp))).toBeNull();
  const now = await createAnalysis(library, prepareAnalysis(library, request(imp)));
  expect(now).not.toBe(id);
  expect(knownAnalysis(library, request(imp))).toBe(now);
  library.store.collect({ experiments: [id, now], olderThan: 0 });
});

test('texts name runs, rounds and particles', () => {
  const { store } = library;
  expect(subjectsOf(store, ['small'])).toEqual([{ run: imp }, { run: swamp }]);
  expect(subjectsOf(store, [`${small}/swamp-2`, swamp])).toEqual([{ run: swamp }]);
  expect(subjectsOf(store, ['small-f750/sw@1', `${imp}@0`])).toEqual([
    { run: swamp, round: 1 },
    { run: imp, round: 0 },
  ]);
  expect(subjectsOf(store, [`${swamp}@1:0`])).toEqual([{ run: swamp, round: 1, particle: 0 }]);
  for (const wrong of ['@1', `${swamp}@x`, `${swamp}@1:`])
    expect(() => subjectsOf(store, [wrong])).toThrow(`${wrong} names no run`);
  expect(() => subjectsOf(store, ['nothing'])).toThrow('no experiment is called');
});
