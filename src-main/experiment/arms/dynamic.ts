import { snapshotIterations } from '../../averaging/swa.ts';
import { ConfigError } from '../../contract/errors.ts';
import type { NamedSpec, Swa } from '../../contract/recipe.ts';
import { openRule } from '../../pruning/dynamic/registry.ts';
import type { ArmContext, Made, Round } from './arm.ts';
import type { OwnSwa } from './own-swa.ts';
import { planRounds } from './rounds.ts';

/** How an arm's masks change while it trains. */
export interface Dynamic {
  /** A kind of the registry of rules with its options; `until` is when its updates end. */
  readonly rule: NamedSpec & { readonly until: number };
  /** Number of particles in a round. */
  readonly particles: (round: Round) => number;
  /** The averaging phase of the particles; `null`: plain SGD. It begins when the updates have ended. */
  readonly swa: Swa | null;
  /** Where a round begins. */
  readonly begin: (round: Round) => { readonly from: Made; readonly mask: Made | null };
}

/**
 * Rounds of arms whose masks change while they train: round 0 is the dense training of IMP (of SWAMP, with SWA), each
 * other a training of its own that ends at the round's sparsity, so that arms compare at equal sparsity.
 * @throws ConfigError where the parts do not fit together
 */
export function planDynamic(context: ArmContext, { rule, particles, swa, begin }: Dynamic): void {
  const { kind, until } = rule;
  if (context.scope?.kind === 'n-m')
    throw new ConfigError(
      `scope: masks of ${kind} change a few weights at a time, which groups of N:M do not allow`,
      'Leave scope out, or compare this arm in an experiment of its own.',
    );
  openRule(rule).updates(context.span.iterations);
  // Averages lie under the last mask.
  const after = swa && { ...swa, start: Math.max(swa.start, until) };
  if (after) snapshotIterations({ ...context.span, swa: after });
  planRounds(context, context.rounds.slice(0, 1), { particles, swa });
  for (const round of context.rounds.slice(1)) {
    const at = { round: round.round, member: 0 };
    const group = { ...at, particles: particles(round), swa: after, rule, ...begin(round) };
    const { solutions } = context.group(group);
    const predictions = solutions.map((each, index) => context.evaluateParticle(at.round, index, each));
    context.evaluate(at.round, context.average(at.round, solutions));
    if (predictions.length > 1) context.ensemble(at.round, predictions, false);
  }
}

/** @throws ConfigError where an arm's own averages would begin before its mask has settled, and so later than it says. */
export function checkOwnStart({ swa, until }: { readonly swa?: OwnSwa; readonly until: number }): void {
  if (swa?.start === undefined || swa.start >= until) return;
  throw new ConfigError(
    `arms.swa.start: ${swa.start} is before ${until}, until when the mask changes: averages lie under the last mask`,
    `Give ${until} or more, lower until, or leave swa.start out: averaging then begins when the mask has settled.`,
  );
}

/** @throws ConfigError where sparsity would still rise when the mask is no longer updated, and so sooner than it says. */
export function checkRamp({ ramp, until }: { readonly ramp: number; readonly until: number }): void {
  if (ramp <= until) return;
  throw new ConfigError(
    `arms.ramp: sparsity rises until ${ramp} of the training, but the mask is updated until ${until} alone`,
    `Give a ramp of at most ${until}, or a later until.`,
  );
}

/** From the dense ticket, under the mask that the experiment starts with. */
export function fromTicket(context: ArmContext): Dynamic['begin'] {
  return () => ({ from: context.ticket(0, null), mask: context.startMask });
}

/** The fields of a rule's options that are not what they usually are, with their values. */
function changed(spec: object, usual: object): [name: string, value: string][] {
  const given = new Map<string, unknown>(Object.entries(spec));
  return Object.entries(usual).flatMap(([name, value]): [string, string][] =>
    given.get(name) === value ? [] : [[name, String(given.get(name))]],
  );
}

/** For an arm's label: `every 50`, a part each. @param usual the options' defaults */
export function changedLabels(spec: object, usual: object): string[] {
  return changed(spec, usual).map((each) => each.join(' '));
}

/** The same for a run's id: `-every50`. */
export function changedSlug(spec: object, usual: object): string {
  return changed(spec, usual)
    .map(([name, value]) => `-${name}${value}`)
    .join('');
}

/** `rigl`, or with what is unusual about it `rigl(uniform; every 50)`. */
export function labelWith(kind: string, parts: readonly string[]): string {
  return parts.length === 0 ? kind : `${kind}(${parts.join('; ')})`;
}
