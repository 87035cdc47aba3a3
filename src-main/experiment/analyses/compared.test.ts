import { expect, test, vi } from 'vitest';
import * as cost from '../cost.ts';
import { planOf } from '../plan.fixture.ts';
import type { Results, SubjectRun } from './analysis.ts';
import { comparedArm } from './compared.ts';

vi.mock('../cost.ts', { spy: true });

test('what trainings cost is added up once a run, not once a round', () => {
  const plan = planOf({ arms: ['imp'], seeds: [1, 2] });
  const runs = plan.runs.map((run) => ({ plan, run, seed: run.seed, rounds: plan.rounds }) as SubjectRun);
  const metrics = { accuracy: 0.9, nll: 0.3, ece: 0.01 };
  const results = (() => ({
    evaluation: { test: metrics, validation: null },
    series: { alive: [1000, 100] },
  })) as unknown as Results;
  const { rounds } = comparedArm({ label: 'imp', arm: 'imp', runs }, () => [0, 1, 2, 3], results);
  expect(cost.cumulativeTrainingFlops).toHaveBeenCalledTimes(runs.length);
  const [first] = plan.runs;
  expect(rounds.map(({ trainingFlops }) => trainingFlops)).toEqual(
    first && cost.cumulativeTrainingFlops(plan, first),
  );
});
