import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { ArmContext } from './arm.ts';
import type { Dynamic } from './dynamic.ts';

/** Options of arms that are sparse from the start: how weights are spread over the layers, and from where on. */
export const sparseStart = {
  densities: z.enum(['erk', 'uniform']).default('erk').meta({
    title: 'densities',
    description: 'Shares of their weights that layers keep: ERK (larger layers sparser), or the same in all.',
  }),
  at: z
    .enum(['initialisation', 'ticket'])
    .default('initialisation')
    .meta({ title: 'mask drawn at', description: 'Before any training, or at the dense ticket.' }),
};

interface SparseStart {
  readonly densities: 'erk' | 'uniform';
  readonly at: 'initialisation' | 'ticket';
}

/** What is unusual about it, for labels. */
export function startLabels({ densities, at }: SparseStart): string[] {
  return [...(densities === 'erk' ? [] : [densities]), ...(at === 'initialisation' ? [] : ['at the ticket'])];
}

/** The same for a run's id. */
export function startSlug({ densities, at }: SparseStart): string {
  return `${densities === 'erk' ? '' : `-${densities}`}${at === 'initialisation' ? '' : `-${at}`}`;
}

/**
 * A round begins under a random mask of its sparsity; the ticket's T0 iterations are trained under it, or have been
 * trained without one.
 * @throws ConfigError where the experiment starts with a mask of its own
 */
export function fromRandomMask(
  context: ArmContext,
  kind: string,
  { densities, at }: SparseStart,
): Dynamic['begin'] {
  if (context.startMask !== null)
    throw new ConfigError(
      `start.mask: ${kind} draws masks of its own, and would not keep to the one that is given`,
      'Leave start.mask out, or compare this arm in an experiment of its own.',
    );
  return ({ round }) => {
    const from = at === 'ticket' ? context.ticket(0, null) : context.initialisation(0);
    const method = { kind: 'random' };
    const mask = context.score({ round, member: 0, method, from, mask: null, scope: { kind: densities } });
    return { from: at === 'ticket' ? from : context.ticket(0, mask, round), mask };
  };
}
