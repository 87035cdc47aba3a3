import { expect, test } from 'vitest';
import type { BatchOrder } from './batches.ts';
import { MixPlan } from './mixup.ts';

const order = (changes: Partial<BatchOrder> = {}): BatchOrder => ({
  phase: 'round',
  seed: 1,
  member: 0,
  round: 0,
  particle: 0,
  indices: Int32Array.from({ length: 103 }, (_, i) => i),
  batch: 10,
  augment: { flip: false, crop: 0 },
  ...changes,
});

const text = (plan: MixPlan, iteration: number): string => {
  const { share, partners } = plan.at(iteration);
  return `${share.join()}: ${partners.join()}`;
};

test('golden values: a change here changes every stored result of a training with mixup', () => {
  expect([0, 25].map((iteration) => text(new MixPlan(order(), 0.4), iteration))).toMatchInlineSnapshot(`
    [
      "0.11765943467617035: 2,7,5,0,8,4,3,1,9,6",
      "0.006883959285914898: 0,9,7,1,3,2,8,4,6,5",
    ]
  `);
  expect(text(new MixPlan(order({ phase: 'ticket' }), 0.4), 0)).toMatchInlineSnapshot(
    `"0.02425040863454342: 5,7,0,8,3,1,6,2,9,4"`,
  );
});

test('every batch has a share of its own and partners that are all its images', () => {
  const plan = new MixPlan(order(), 1);
  const shares = new Set<number>();
  for (let iteration = 0; iteration < 100; iteration++) {
    const { share, partners } = plan.at(iteration);
    expect(share).toHaveLength(1);
    shares.add(share[0] ?? NaN);
    expect([...partners].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
  expect(shares.size).toBe(100);
});

test('any iteration can be asked for: a resumed training goes on with the same mixes', () => {
  const plan = new MixPlan(order(), 0.2);
  const forwards = [3, 9, 10, 27].map((iteration) => text(plan, iteration));
  expect([3, 9, 10, 27].map((iteration) => text(new MixPlan(order(), 0.2), iteration))).toEqual(forwards);
});

test('seeds, members, rounds, particles and the ticket have their own', () => {
  const changes = [
    {},
    { seed: 2 },
    { member: 1 },
    { round: 1 },
    { particle: 1 },
    { phase: 'ticket' as const },
  ];
  const first = changes.map((change) => text(new MixPlan(order(change), 1), 0));
  expect(new Set(first).size).toBe(changes.length);
});
