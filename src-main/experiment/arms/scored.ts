import { z } from 'zod';
import type { NamedSpec } from '../../contract/recipe.ts';
import type { ArmContext, Made, Round } from './arm.ts';

export const At = z
  .enum(['initialisation', 'ticket'])
  .default('initialisation')
  .meta({ title: 'weights scored at', description: "Before the ticket's T0 iterations, or after them." });

/** Settings of an arm that scores its weights once and trains under the mask. */
export interface Scored {
  readonly kind: string;
  readonly at: z.infer<typeof At>;
}

/**
 * Round 0 as IMP has it; every other round is a work of its own, at the sparsity of the schedule: a mask by scores at
 * the initialisation, T0 iterations under it as its ticket, and T from there. At the ticket it is the dense ticket that
 * is scored, and that the T iterations start from.
 * @param spec the arm's, whose kind and other options are those of the method
 */
export function planScored(context: ArmContext, { at, ...method }: Scored): void {
  const [dense, ...others] = context.rounds;
  if (dense) trainOnce(context, dense, context.startMask, context.ticket(0, null));
  for (const round of others) {
    const from = at === 'ticket' ? context.ticket(0, null) : context.initialisation(0);
    const mask = context.score({ round: round.round, member: 0, method, from, mask: context.startMask });
    trainOnce(context, round, mask, at === 'ticket' ? from : context.ticket(0, mask, round.round));
  }
}

/** The one training of a round, which is what the arm stands for in it. */
function trainOnce(context: ArmContext, { round }: Round, mask: Made | null, from: Made): void {
  const solution = context.train({ round, member: 0, particle: 0, index: 0, swa: null, mask, from });
  context.evaluateParticle(round, 0, solution);
  context.evaluate(round, solution);
}

/** How settings are told of where they are not the default: in words, and in letters before the value. */
const TOLD: Readonly<Record<string, { words(value: NamedSpec[string]): string; letters: string }>> = {
  perClass: { words: (value) => `${String(value)} images a class`, letters: 'n' },
  batch: { words: (value) => `batches of ${String(value)}`, letters: 'b' },
  temperature: { words: (value) => `temperature ${String(value)}`, letters: 't' },
  steps: { words: (value) => `${String(value)} steps`, letters: 's' },
};

/** Options that are not the default, in the order of the method's. */
function changed(
  spec: Scored & NamedSpec,
  options: z.ZodRawShape,
): [name: string, value: NamedSpec[string]][] {
  const usual: Readonly<Record<string, unknown>> = z.object(options).parse({});
  return Object.keys(options).flatMap((name) => (spec[name] === usual[name] ? [] : [[name, spec[name]]]));
}

/** `snip(at the ticket; 20 images a class)` */
export function scoredLabel(spec: Scored & NamedSpec, options: z.ZodRawShape = {}): string {
  const numbers = changed(spec, options).map(([name, value]) => TOLD[name]?.words(value) ?? name);
  const told = [...(spec.at === 'ticket' ? ['at the ticket'] : []), ...numbers];
  return told.length === 0 ? spec.kind : `${spec.kind}(${told.join('; ')})`;
}

/** `snip-ticket-n20` */
export function scoredSlug(spec: Scored & NamedSpec, options: z.ZodRawShape = {}): string {
  const numbers = changed(spec, options).map(
    ([name, value]) => `${TOLD[name]?.letters ?? name}${String(value)}`,
  );
  return [spec.kind, ...(spec.at === 'ticket' ? ['ticket'] : []), ...numbers].join('-');
}
