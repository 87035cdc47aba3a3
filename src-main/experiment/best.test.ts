import { expect, it } from 'vitest';
import type { ComparedArm, ComparedRound } from '../contract/compare.ts';
import { bestValues } from './best.ts';

const metrics = (accuracy: number) => ({ accuracy, nll: 1, ece: 0 });

function round(number: number, validation: number | null, test: number, seeds = 2): ComparedRound {
  const evaluation = { test: metrics(test), validation: validation === null ? null : metrics(validation) };
  const seed = { seed: 1, run: 'r', ...evaluation, particles: [], ensemble: null };
  return {
    round: number,
    sparsity: number / 10,
    remaining: 1 - number / 10,
    inferenceFlops: 0,
    trainingFlops: 0,
    ...evaluation,
    testDeviation: null,
    seeds: Array.from({ length: seeds }, () => seed),
  };
}
const arm = (name: string, ...rounds: ComparedRound[]): ComparedArm => ({ arm: name, kind: name, rounds });

it('chooses on validation, not on test', () => {
  const { best, last } = bestValues(
    {
      arms: [
        arm('imp', round(0, 0.8, 0.99), round(1, 0.9, 0.5), round(2, 0.7, 0.6)),
        arm('swamp', round(0, 0.85, 0.8), round(1, 0.89, 0.9), round(2, 0.72, 0.5)),
      ],
    },
    2,
  );
  expect([best?.arm, best?.round.round, best?.round.test.accuracy]).toEqual(['imp', 1, 0.5]);
  expect([last?.arm, last?.round.round]).toEqual(['swamp', 2]);
});

it('counts only what all seeds have finished', () => {
  const { best, last } = bestValues({ arms: [arm('imp', round(0, 0.8, 0.8), round(1, 0.9, 0.9, 1))] }, 2);
  expect([best?.round.round, last?.round.round]).toEqual([0, 0]);
});

it('has nothing to choose by without validation, nor before the first round', () => {
  const nothing = { best: null, last: null };
  expect(bestValues({ arms: [arm('imp', round(0, null, 0.8))] }, 2)).toEqual(nothing);
  expect(bestValues({ arms: [arm('imp')] }, 2)).toEqual(nothing);
});
