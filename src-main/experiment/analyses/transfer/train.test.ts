import { expect, test } from 'vitest';
import type { ExperimentId, JobKey, RunId } from '../../../contract/ids.ts';
import type { JobSpec } from '../../../contract/job.ts';
import { parseConfig } from '../../config.ts';
import { jobKey } from '../../keys.ts';
import { planExperiment, type PlannedRun } from '../../plan.ts';
import { digitsResolved } from '../../plan.fixture.ts';
import type { NamedInput, SubjectRun } from '../analysis.ts';
import { openRun } from '../subjects.ts';
import { trainUnder } from './train.ts';

const config = parseConfig({
  name: 'test',
  dataset: { kind: 'digits' },
  model: { kind: 'lenet' },
  recipe: { epochs: 10, optimizer: { weightDecay: 1e-4 } },
  sparsity: { kind: 'geometric', fraction: 0.3, rounds: 3 },
  arms: [
    'imp',
    { kind: 'swamp', particles: 3 },
    { kind: 'swamp-plus', particles: 2, cost: 0.8 },
    'imp-sam',
    { kind: 'snip', at: 'initialisation' },
    'one-shot',
    { kind: 'imp-ensemble', members: 2 },
    'fine-tune',
    'rigl',
    { kind: 'soup' },
  ],
});
const plan = planExperiment({ config, resolved: digitsResolved });
const planned = new Set<JobKey>(plan.jobs.map(({ key }) => key));

function runOf(kind: string): SubjectRun {
  const run = plan.runs.find((each): each is PlannedRun => each.kind === kind);
  if (!run) throw new Error(`no run of ${kind}`);
  const jobs = new Map(plan.jobs.map((job) => [job.key, job]));
  const of = { experiment: 'test-0000' as ExperimentId, config, plan, jobs };
  return openRun(of, run, `test-0000/${run.slug}/1` as RunId, run.arm);
}

/** Writes down what is asked for, as a plan does. */
function asked() {
  const added: { key: JobKey; spec: JobSpec; inputs: readonly NamedInput[] }[] = [];
  return {
    added,
    add(this: void, spec: JobSpec, inputs: readonly NamedInput[]): JobKey {
      const key = jobKey(
        spec,
        inputs.map(({ name, made }) => ({ name, job: made.job, output: made.output })),
      );
      added.push({ key, spec, inputs });
      return key;
    },
  };
}

test.each(['imp', 'swamp', 'swamp-plus', 'imp-sam', 'snip', 'one-shot'])(
  '%s under its own masks: its own jobs, nothing new',
  (kind) => {
    const run = runOf(kind);
    for (const { round } of run.rounds) {
      const book = asked();
      const judged = trainUnder(book, run, round, { mask: run.mask(round), what: '' });
      expect(judged).toBe(run.evaluation(round));
      expect(book.added.filter(({ key }) => !planned.has(key))).toEqual([]);
    }
  },
);

test('under another run’s mask every particle trains anew from its own ticket, with its own orders', () => {
  const [swamp, imp] = [runOf('swamp'), runOf('imp')];
  const book = asked();
  const judged = trainUnder(book, swamp, 2, { mask: imp.mask(2), what: '' });
  expect(judged).not.toBe(swamp.evaluation(2));
  expect(book.added.map(({ spec }) => spec.kind)).toEqual([
    'train-particle',
    'train-particle',
    'train-particle',
    'average',
    'evaluate',
  ]);
  const own = plan.jobs.filter(({ key }) =>
    swamp.run.links.some((link) => link.job === key && link.role === 'particle' && link.round === 2),
  );
  expect(book.added.slice(0, 3).map(({ spec }) => spec)).toEqual(own.map(({ spec }) => spec));
  for (const { inputs } of book.added.slice(0, 3)) {
    expect(inputs.map(({ name }) => name)).toEqual(['ticket', 'mask']);
    expect(inputs[1]?.made).toEqual(imp.mask(2));
    expect(inputs[0]?.made.job).toBe(own[0]?.inputs[0]?.job);
  }
});

test('IMP under the masks of SWAMP stays IMP: plain SGD, one training', () => {
  const book = asked();
  trainUnder(book, runOf('imp'), 3, { mask: runOf('swamp').mask(3), what: '' });
  expect(book.added.map(({ spec }) => spec.kind)).toEqual(['train-particle', 'evaluate']);
  expect(book.added[0]?.spec).toMatchObject({ swa: null, round: 3, particle: 0 });
});

test('a ticket that was trained under the mask is trained under the other one', () => {
  const book = asked();
  const mask = runOf('imp').mask(2);
  trainUnder(book, runOf('snip'), 2, { mask, what: '' });
  expect(book.added.map(({ spec }) => spec.kind)).toEqual(['train-ticket', 'train-particle', 'evaluate']);
  expect(book.added[0]?.inputs).toEqual([{ name: 'mask', made: mask }]);
  expect(book.added[1]?.inputs[0]?.made.job).toBe(book.added[0]?.key);
});

test.each([
  ['imp-ensemble', /is an ensemble/],
  ['fine-tune', /goes on from the weights of the round before/],
  ['rigl', /changes its mask while it trains/],
  ['soup', /goes on from the weights of the round before/],
])('%s is refused in words', (kind, words) => {
  expect(() => trainUnder(asked(), runOf(kind), 2, { mask: runOf('imp').mask(2), what: '' })).toThrow(words);
});
