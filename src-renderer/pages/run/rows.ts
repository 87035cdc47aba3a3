import type { ShownJob, ShownRound } from '../../../src-main/contract/api/details.ts';
import { trainingName } from './curves.ts';
import { isYardstick, trainingsOf } from './rounds.ts';

/** A line of a round's table. */
export interface Row extends Pick<ShownJob, 'test' | 'validation'> {
  readonly id: string;
  readonly name: string;
  /** `null`: of a particle whose training stands in a line above, with those of others. */
  readonly training: ShownJob | null;
}

const nothing = { test: null, validation: null };

const judgesOf = ({ jobs }: ShownRound): ShownJob[] =>
  jobs.filter(({ role }) => role === 'evaluate-particle').sort((a, b) => a.index - b.index);

/** The trainings of a round with what came of each; of particles that are trained together a line each below. */
export function trainingRows(round: ShownRound, kind: string): Row[] {
  const judges = judgesOf(round);
  return trainingsOf(round).flatMap((training): Row[] => {
    const row = { id: training.key, name: trainingName(training, kind), training };
    if (training.role === 'ticket') return [{ ...row, ...nothing }];
    if (training.particles > 1)
      return [
        { ...row, ...nothing },
        ...judges.map(({ key, index, test, validation }) => ({
          ...{ id: key, name: `particle ${index}`, training: null },
          ...{ test, validation },
        })),
      ];
    const { test, validation } = judges.find(({ index }) => index === training.index) ?? nothing;
    return [{ ...row, test, validation }];
  });
}

/** What the arm stands for in a round, where that is none of its trainings, and the ensemble beside it. */
export function resultRows(round: ShownRound): Omit<Row, 'training'>[] {
  const of = (role: string): ShownJob | undefined => round.jobs.find((job) => job.role === role);
  const [stands, ensemble] = [of('evaluate'), of('ensemble')];
  const judges = judgesOf(round);
  const rows: Omit<Row, 'training'>[] = [];
  if (stands && !judges.some(({ key }) => key === stands.key)) {
    const made = of('average')?.kind === 'pool' ? 'pooled' : 'average';
    const name = stands.key === ensemble?.key ? 'ensemble' : made;
    rows.push({ id: stands.key, name, test: round.test, validation: round.validation });
  }
  if (ensemble && isYardstick(round)) {
    const { key, test, validation } = ensemble;
    rows.push({ id: key, name: 'ensemble', test, validation });
  }
  return rows;
}

/** T of the longest training of a round, and the iterations of an epoch. */
export function spanOf(round: ShownRound): {
  readonly iterations: number;
  readonly iterationsPerEpoch: number;
} {
  const trainings = trainingsOf(round).filter(({ role }) => role !== 'ticket');
  const most = (of: (job: ShownJob) => number): number => Math.max(1, ...trainings.map(of));
  return {
    iterations: most(({ iterations }) => iterations),
    iterationsPerEpoch: most(({ iterationsPerEpoch }) => iterationsPerEpoch),
  };
}
