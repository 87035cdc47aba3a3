import type { Claim } from '../../../contract/figures.ts';
import { mean } from '../../../contract/statistics.ts';
import { isFrom } from '../../../statistics/arms.ts';
import { percent } from '../axes.ts';
import { claimOver } from '../seeds.ts';
import type { Measured } from './measured.ts';

/** Rounds of other schedules go together where what is left agrees to this share of it. */
const SAME_REMAINING = 0.01;

/** Each arm that averages particles against `imp`: paired by seed and round, averaged over the rounds from a sparsity on. */
export function claimsOf(found: readonly Measured[], from: number): Claim[] {
  const whole = found.filter(({ particle }) => particle === undefined);
  const arms = [...Map.groupBy(whole, ({ label }) => label)];
  const kindOf = (looks: readonly Measured[]): string => looks[0]?.run.run.kind ?? '';
  const baselines = arms.filter(([, looks]) => kindOf(looks) === 'imp');
  const swamps = arms.filter(([, looks]) => kindOf(looks).includes('swamp'));
  return swamps.flatMap(([swamp, ours]) =>
    baselines.flatMap(([imp, theirs]) => {
      const claim = (text: string, of: (look: Measured) => number | null): Claim[] => {
        const { rounds, values } = differences(ours, theirs, from, of);
        if (rounds.length === 0) return [];
        const where = `from ${percent(Math.min(...rounds))} sparsity on`;
        return [
          claimOver(`${swamp} has a ${text} than ${imp} ${where}: ${imp} − ${swamp}`, 'number', values),
        ];
      };
      return [
        ...claim('lower Hessian trace', ({ trace }) => trace),
        ...claim('smaller largest eigenvalue', ({ eigenvalues }) => eigenvalues?.values[0] ?? null),
      ];
    }),
  );
}

/** Theirs − ours, a value for each seed that has all the rounds; and the sparsities of these. */
function differences(
  ours: readonly Measured[],
  theirs: readonly Measured[],
  from: number,
  of: (look: Measured) => number | null,
): { rounds: readonly number[]; values: readonly number[] } {
  const pairs = ours.flatMap((look) => {
    const other = theirs.find(
      ({ run, sparsity }) => run.seed === look.run.seed && same(sparsity, look.sparsity),
    );
    const [a, b] = [of(look), other && of(other)];
    if (!isFrom(look.sparsity, from) || a === null || b === null || b === undefined) return [];
    return [{ seed: look.run.seed, sparsity: look.sparsity, difference: b - a }];
  });
  const rounds = [...new Set(pairs.map(({ sparsity }) => sparsity))];
  const bySeed = [...Map.groupBy(pairs, ({ seed }) => seed).values()];
  // A seed that lacks a round would be an average of something else.
  const complete = bySeed.filter((own) => own.length === rounds.length);
  return { rounds, values: complete.map((own) => mean(own.map(({ difference }) => difference))) };
}

function same(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_REMAINING * Math.max(1 - a, 1 - b);
}
