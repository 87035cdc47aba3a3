import type { ShownRound, ShownRun } from '../../src-main/contract/api/details.ts';
import type { Comparison } from '../../src-main/contract/compare.ts';
import { percent, sparsityPercent } from '../../src-main/report/format.ts';

/** Rounds of a run whose network is there to be exported. */
export function exportableRounds({ rounds }: ShownRun): ShownRound[] {
  return rounds.filter(({ test }) => test !== null);
}

/** Networks that answer together: an ensemble's are exported one by one. */
export function membersOf({ kind, rounds }: ShownRun): number {
  if (!kind.endsWith('ensemble')) return 1;
  return Math.max(1, ...rounds.flatMap(({ jobs }) => jobs.map(({ index }) => index + 1)));
}

/** `Round 6: 95.3 % sparsity, test 60.23 %, validation 60.70 %` */
export function roundLine({ round, sparsity, test, validation }: ShownRound): string {
  const figures = [
    ...(test ? [`test ${percent(test.accuracy, 2)}`] : []),
    ...(validation ? [`validation ${percent(validation.accuracy, 2)}`] : []),
  ];
  return `Round ${round}: ${[`${sparsityPercent(sparsity)} sparsity`, ...figures].join(', ')}`;
}

/** The round that is the smallest about as good as dense, of this run; or why there is none. */
export function smallestRound(
  { smallest }: Comparison,
  { arm, seed }: Pick<ShownRun, 'arm' | 'seed'>,
): { readonly round: number } | { readonly why: string } {
  if (smallest.refused !== null) return { why: `None can be chosen: ${smallest.refused}.` };
  const found = smallest.arms
    .find((each) => each.arm === arm)
    ?.seeds.find((each) => each.seed === seed)?.network;
  const points = `${smallest.within} ${smallest.within === 1 ? 'point' : 'points'}`;
  return found
    ? { round: found.round }
    : { why: `No round is within ${points} of the dense network's validation accuracy.` };
}

/** A file's name that says which network it is. */
export function suggestedName(run: string, round: number, member: number | null): string {
  const name = run.replace(/[^A-Za-z0-9._+-]+/g, '-');
  return `${name}-round-${round}${member === null ? '' : `-member-${member}`}`;
}
