import type { Claim, Figure } from '../../../contract/figures.ts';
import { mean } from '../../../contract/statistics.ts';
import { ratioOf, type Interval } from '../../../statistics/interval.ts';
import { percent } from '../axes.ts';
import { claimOver } from '../seeds.ts';
import { partnersOf } from '../settings.ts';
import { gains, trainingFlopsOf, type CountedArm, type ReadArm } from './arms.ts';

/** SWAMP+, the SWAMP whose gain it is to keep, and what that is a gain over. */
export interface PlusCase<Arm extends CountedArm> {
  readonly plus: Arm;
  readonly full: Arm;
  readonly base: Arm;
}

/** Every SWAMP+ with the SWAMP that it is a part of and IMP, where both are looked at in its settings. */
export function plusCases<Arm extends CountedArm>(arms: readonly Arm[]): PlusCase<Arm>[] {
  return arms.flatMap((plus) => {
    if (plus.kind === 'imp' || plus.particles !== null) return [];
    const [base] = partnersOf(
      plus,
      arms.filter(({ kind }) => kind === 'imp'),
    );
    const [full] = partnersOf(
      plus,
      arms.filter(({ particles, method }) => particles === plus.most && method === plus.method),
    );
    return base && full ? [{ plus, full, base }] : [];
  });
}

/** What share of SWAMP's gain SWAMP+ keeps, at what share of the cost. */
export function plusFindings(cases: readonly PlusCase<ReadArm>[]): {
  figures: Figure[];
  claims: Claim[];
  notes: string[];
} {
  const rows = cases.map((each) => ({ ...each, ...shareOf(each) }));
  if (rows.length === 0) return { figures: [], claims: [], notes: [] };
  return {
    figures: [
      {
        kind: 'table',
        id: 'swamp-plus',
        title: 'What SWAMP+ keeps of the gain, and what it costs',
        about:
          'Gains in test accuracy over IMP, averaged over sparse rounds and seeds; the interval of the share is Fieller’s, of a ratio of means.',
        columns: [
          { label: 'Arm', unit: null },
          { label: 'Of', unit: null },
          { label: 'Gain', unit: 'points' },
          { label: 'Whole gain', unit: 'points' },
          { label: 'Share of the gain', unit: 'share' },
          { label: 'Low', unit: 'share' },
          { label: 'High', unit: 'share' },
          { label: 'Share of the training', unit: 'share' },
          { label: 'Seeds', unit: 'count' },
        ],
        rows: rows.map(({ plus, full, own, whole, share, cost }) => [
          plus.label,
          full.label,
          own.length > 0 ? mean(own) : null,
          whole.length > 0 ? mean(whole) : null,
          share.mean,
          share.low,
          share.high,
          cost,
          own.length,
        ]),
      },
    ],
    claims: rows.flatMap(({ plus, full, base, own, whole }) => [
      claimOver(`${plus.label} is better than ${base.label}, averaged over sparse rounds`, 'points', own),
      // Of no gain there is no half.
      ...(gained(whole)
        ? [
            claimOver(
              `${plus.label} keeps more than half of what ${full.label} gains over ${base.label}`,
              'points',
              own.map((gain, at) => gain - (whole[at] ?? NaN) / 2),
            ),
          ]
        : []),
    ]),
    notes: rows.flatMap(noteOf),
  };
}

function gained(whole: readonly number[]): boolean {
  return whole.length > 0 && mean(whole) > 0;
}

function noteOf({ plus, full, base, whole, share, cost }: PlusCase<ReadArm> & ReturnType<typeof shareOf>) {
  if (whole.length > 0 && !gained(whole))
    return [`${full.label} gains nothing over ${base.label}, so there is no share of it to keep.`];
  if (share.mean === null || cost === null) return [];
  const part = `${plus.label} keeps ${percent(share.mean)} of the gain of ${full.label}`;
  return [`${part} (${shareText(share)}) at ${percent(cost)} of its training.`];
}

function shareText({ low, high, n }: Interval): string {
  if (n === 1) return 'one seed: no interval';
  return low === null || high === null
    ? 'no interval: the gain itself cannot be told from none'
    : `${percent(low)} to ${percent(high)}`;
}

/** Where nothing is gained, a part of it would be a number without a meaning. */
const NO_SHARE: Interval = { mean: null, low: null, high: null, n: 0 };

function shareOf({ plus, full, base }: PlusCase<ReadArm>) {
  const all = gains(full, base);
  const pairs = [...gains(plus, base)].flatMap(([seed, own]) => {
    const whole = all.get(seed);
    return whole === undefined ? [] : [{ own, whole }];
  });
  const own = pairs.map((pair) => pair.own);
  const whole = pairs.map((pair) => pair.whole);
  const [paid, price] = [trainingFlopsOf(plus), trainingFlopsOf(full)];
  return {
    own,
    whole,
    share: gained(whole) ? ratioOf(own, whole) : NO_SHARE,
    cost: paid === null || price === null ? null : paid / price,
  };
}
