import { expect, test } from 'vitest';
import { atOnce } from '../store/pieces.ts';
import { parseConfig } from './config.ts';
import { readPlan, writePlan } from './plan-bytes.ts';
import { prepareStored } from './studio.ts';

const prepared = prepareStored(
  parseConfig({
    name: 'plan',
    dataset: { kind: 'digits' },
    model: { kind: 'lenet' },
    recipe: { epochs: 2, learningRate: 0.1 },
    sparsity: { kind: 'geometric', fraction: 0.3, rounds: 12 },
    arms: ['imp', { kind: 'swamp', particles: 8 }, { kind: 'imp-ensemble', members: 2 }],
    seeds: [1, 2],
  }),
  {
    dataset: { title: 'digits', digest: 'd'.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
    splits: Object.fromEntries(
      [1, 2].map((seed) => [seed, { digest: `${seed}`.repeat(64), training: 7200, validation: 800 }]),
    ),
    precision: 'float32',
    backend: 'tensorflow-cpu',
    threads: 1,
    workers: 1,
  },
);

test('what comes out of a plan as bytes is the plan', () => {
  const read = atOnce(readPlan(writePlan(prepared)));
  expect(read).toEqual(prepared);
  // To the order of the fields, which is how jobs are stored.
  expect(JSON.stringify(read.plan.jobs)).toBe(JSON.stringify(prepared.plan.jobs));
});

test('what jobs have in common stands once', () => {
  const bytes = writePlan(prepared);
  expect(bytes.length).toBeLessThan(JSON.stringify(prepared.plan.jobs).length / 2);
  const { jobs } = atOnce(readPlan(bytes)).plan;
  const tasks = new Set(jobs.flatMap(({ spec }) => ('task' in spec ? [spec.task] : [])));
  expect(tasks.size).toBe(2);
});

test('reading a plan can rest between any two jobs', () => {
  const pieces = readPlan(writePlan(prepared));
  let rests = 0;
  while (pieces.next().done !== true) rests++;
  expect(rests).toBeGreaterThan(prepared.plan.jobs.length);
});
