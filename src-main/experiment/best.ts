import type { ComparedRound, MeasuredComparison } from '../contract/compare.ts';

/** An arm in a round. */
export interface Chosen {
  readonly arm: string;
  readonly round: ComparedRound;
}

/** What an experiment has come to, chosen on validation; `null` where no round of all seeds is done, or nothing is held out. */
export interface BestValues {
  /** The best of all arms and rounds. */
  readonly best: Chosen | null;
  /** The best arm of the last round that an arm has finished: the smallest networks. */
  readonly last: Chosen | null;
}

/**
 * The best means over seeds. Only rounds that all of the experiment's seeds have finished count, so that figures of
 * different experiments are means of equally many.
 * @param seeds number of them
 */
export function bestValues({ arms }: Pick<MeasuredComparison, 'arms'>, seeds: number): BestValues {
  const candidates = arms.flatMap(({ arm, rounds }) =>
    rounds
      .filter((round) => round.seeds.length === seeds && round.validation)
      .map((round) => ({ arm, round })),
  );
  const last = Math.max(...candidates.map(({ round }) => round.round));
  return { best: bestOf(candidates), last: bestOf(candidates.filter(({ round }) => round.round === last)) };
}

/** The first of the best. */
function bestOf(candidates: readonly Chosen[]): Chosen | null {
  const judged = ({ round }: Chosen): number => round.validation?.accuracy ?? -1;
  return candidates.toSorted((a, b) => judged(b) - judged(a))[0] ?? null;
}
