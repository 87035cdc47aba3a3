import { isRecord } from '../form/paths.ts';

/** The sparsity of each round, as a draft says it; exact but for the rounding to whole weights. */
export type Curve = readonly number[];

/** The curve drawn while somebody drags can have no more rounds than this. */
export const MOST_ROUNDS = 1000;

/** Points of an explicit list keep so far from each other and from 0 and 1. */
const APART = 0.001;

export interface Geometric {
  readonly kind: 'geometric';
  readonly fraction: number;
  readonly rounds: number;
}

export interface Explicit {
  readonly kind: 'explicit';
  /** Of rounds 1, 2, …; round 0 is dense. */
  readonly sparsities: readonly number[];
}

export interface Cubic {
  readonly kind: 'cubic';
  /** Sparsity of the last round. */
  readonly end: number;
  readonly rounds: number;
}

export type Drawable = Geometric | Explicit | Cubic;

/** The schedule as one that can be drawn and dragged; `null` where it is another, swept, or not whole yet. */
export function drawable(spec: unknown): Drawable | null {
  if (!isRecord(spec)) return null;
  if (spec['kind'] === 'geometric') {
    const { fraction = 0.2, rounds } = spec;
    if (typeof fraction !== 'number' || typeof rounds !== 'number') return null;
    const whole = Number.isInteger(rounds) && rounds >= 0 && rounds <= MOST_ROUNDS;
    return whole && fraction > 0 && fraction < 1 ? { kind: 'geometric', fraction, rounds } : null;
  }
  if (spec['kind'] === 'cubic') {
    const { end, rounds } = spec;
    if (typeof end !== 'number' || typeof rounds !== 'number') return null;
    const whole = Number.isInteger(rounds) && rounds >= 1 && rounds <= MOST_ROUNDS;
    return whole && end > 0 && end < 1 ? { kind: 'cubic', end, rounds } : null;
  }
  const { sparsities } = spec;
  if (spec['kind'] !== 'explicit' || !Array.isArray(sparsities)) return null;
  const numbers = sparsities.filter((each): each is number => typeof each === 'number');
  return numbers.length === sparsities.length && numbers.every((each) => each > 0 && each < 1)
    ? { kind: 'explicit', sparsities: numbers }
    : null;
}

export function curveOf(schedule: Drawable): Curve {
  if (schedule.kind === 'explicit') return [0, ...schedule.sparsities];
  if (schedule.kind === 'cubic') {
    const { end, rounds } = schedule;
    return Array.from({ length: rounds + 1 }, (_, round) => end * reached(round, rounds));
  }
  const { fraction, rounds } = schedule;
  return Array.from({ length: rounds + 1 }, (_, round) => 1 - (1 - fraction) ** round);
}

/** Share of its end that a cubic schedule has reached. */
const reached = (round: number, rounds: number): number => 1 - (1 - round / rounds) ** 3;

/** Fractions as people write them: three decimals. */
const tidy = (value: number): number => Math.round(value * 1000) / 1000;

/** The fraction a round that leads to a sparsity in so many rounds. */
export function fractionTo(sparsity: number, rounds: number): number {
  if (rounds < 1) return 0.2;
  const fraction = 1 - (1 - Math.min(0.9999, Math.max(0, sparsity))) ** (1 / rounds);
  return Math.min(0.95, Math.max(0.01, tidy(fraction)));
}

/**
 * A point was moved. Of a geometric or cubic schedule the curve goes through it: the fraction follows, or the end. Of a list
 * that point alone moves, and stays between its neighbours.
 * @param round not 0, which is dense
 */
export function moved<Schedule extends Drawable>(
  schedule: Schedule,
  round: number,
  sparsity: number,
): Schedule {
  if (schedule.kind === 'geometric') return { ...schedule, fraction: fractionTo(sparsity, round) };
  if (schedule.kind === 'cubic') {
    const end = tidy(sparsity / reached(round, schedule.rounds));
    return { ...schedule, end: Math.min(1 - APART, Math.max(APART, end)) };
  }
  const index = round - 1;
  const { sparsities } = schedule;
  const low = (sparsities[index - 1] ?? 0) + APART;
  const high = (sparsities[index + 1] ?? 1) - APART;
  const value = tidy(Math.min(Math.max(sparsity, low), Math.max(low, high)));
  return { ...schedule, sparsities: sparsities.map((each, at) => (at === index ? value : each)) };
}

/** A geometric schedule may prune nothing. */
export function fewestRounds({ kind }: Drawable): number {
  return kind === 'geometric' ? 0 : 1;
}

/** More or fewer rounds: a list grows by going on at its last step, of the weights that are left, and loses its end. */
export function withRounds<Schedule extends Drawable>(schedule: Schedule, wanted: number): Schedule {
  const rounds = Math.min(MOST_ROUNDS, Math.max(fewestRounds(schedule), Math.round(wanted)));
  if (schedule.kind !== 'explicit') return { ...schedule, rounds };
  const sparsities = schedule.sparsities.slice(0, rounds);
  while (sparsities.length < rounds) {
    const last = sparsities[sparsities.length - 1] ?? 0;
    const before = sparsities[sparsities.length - 2] ?? 0;
    const kept = last > before ? (1 - last) / (1 - before) : 0.8;
    const next = Math.round((1 - (1 - last) * kept) * 10_000) / 10_000;
    if (next <= last || next >= 1) break;
    sparsities.push(next);
  }
  return { ...schedule, sparsities };
}

/** A point more in a list, half-way after one; after the last one the list goes on. */
export function withPointAfter(schedule: Explicit, round: number): Explicit {
  const { sparsities } = schedule;
  if (round >= sparsities.length) return withRounds(schedule, sparsities.length + 1);
  const [low, high] = [sparsities[round - 1] ?? 0, sparsities[round] ?? 1];
  const between = tidy((low + high) / 2);
  if (between <= low || between >= high) return schedule;
  return { ...schedule, sparsities: [...sparsities.slice(0, round), between, ...sparsities.slice(round)] };
}

export function withoutPoint(schedule: Explicit, round: number): Explicit {
  if (schedule.sparsities.length < 2) return schedule;
  return { ...schedule, sparsities: schedule.sparsities.filter((_, index) => index !== round - 1) };
}

/** The same curve as a list, so that single points can be moved; and back, through its last point. */
export function asExplicit(schedule: Drawable): Explicit {
  if (schedule.kind === 'explicit') return schedule;
  const sparsities = curveOf(schedule)
    .slice(1)
    .map((each) => Math.round(each * 10_000) / 10_000);
  return { kind: 'explicit', sparsities: sparsities.length > 0 ? sparsities : [0.2] };
}

export function asGeometric(schedule: Drawable): Geometric {
  if (schedule.kind === 'geometric') return schedule;
  const curve = curveOf(schedule);
  const rounds = curve.length - 1;
  return { kind: 'geometric', fraction: fractionTo(curve[rounds] ?? 0, rounds), rounds };
}
