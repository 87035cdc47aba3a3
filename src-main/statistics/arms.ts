import type { ComparedArm, ComparedRound } from '../contract/compare.ts';

/** Sparsities are exact counts over a count: allow for nothing but rounding. */
const ROUNDING = 1e-9;

/** Over different denominators, what remains is the same sparsity when it agrees to this share of it. */
const SAME_REMAINING = 0.01;

/** Whether a round counts to those from a sparsity on. */
export function isFrom(sparsity: number, from: number): boolean {
  return sparsity >= from - ROUNDING;
}

export function isEnsemble({ kind }: Pick<ComparedArm, 'kind'>): boolean {
  return kind.endsWith('ensemble');
}

/** Networks that answer together at inference: the members of an ensemble, otherwise one. */
export function networks(arm: ComparedArm): number {
  if (!isEnsemble(arm)) return 1;
  return Math.max(1, ...arm.rounds.flatMap((round) => round.seeds.map((seed) => seed.particles.length)));
}

/** All seeds that an arm has a finished round of. */
export function armSeeds(arm: ComparedArm): number[] {
  return [...new Set(arm.rounds.flatMap(({ seeds }) => seeds.map(({ seed }) => seed)))];
}

function sameSparsity(a: ComparedRound, b: ComparedRound): boolean {
  return Math.abs(a.remaining - b.remaining) <= SAME_REMAINING * Math.max(a.remaining, b.remaining);
}

/** Whether round r is of the same sparsity in every arm, so that rounds go together by their number. */
export function roundsGoTogether(arms: readonly ComparedArm[]): boolean {
  const first = new Map<number, ComparedRound>();
  for (const round of arms.flatMap(({ rounds }) => rounds)) {
    const known = first.get(round.round);
    if (!known) first.set(round.round, round);
    else if (!sameSparsity(known, round)) return false;
  }
  return true;
}

/** The round of `arm` that goes with one of another arm: of its number, or else the nearest of its sparsity. */
export function counterpart(
  arm: ComparedArm,
  round: ComparedRound,
  byNumber: boolean,
): ComparedRound | undefined {
  if (byNumber) return arm.rounds.find((other) => other.round === round.round);
  const away = (other: ComparedRound): number => Math.abs(other.remaining - round.remaining);
  return arm.rounds.filter((other) => sameSparsity(other, round)).sort((a, b) => away(a) - away(b))[0];
}
