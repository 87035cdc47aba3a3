import { z } from 'zod';
import { Particles, particlesAt } from '../../averaging/particles.ts';
import { Dpf } from '../../pruning/dynamic/dpf.ts';
import { until } from '../../pruning/dynamic/updates.ts';
import type { ArmDefinition } from './arm.ts';
import { changedLabels, changedSlug, checkOwnStart, checkRamp, fromTicket, planDynamic } from './dynamic.ts';
import { OwnSwa, phaseOf, swaLabels, swaSlug } from './own-swa.ts';
import { particlesLabel, particlesSlug } from './particles-text.ts';

const Spec = Dpf.extend({
  kind: z.literal('dpf-swamp'),
  particles: Particles.default(4).meta({
    title: 'particles',
    description: 'Of a round: a number, or steps by sparsity or round.',
  }),
  until: until.lt(1).default(0.75).meta({
    title: 'mask updated until',
    description: 'Share of the training in which the mask is updated; averaging begins no earlier.',
  }),
  swa: OwnSwa,
});

type Spec = z.infer<typeof Spec>;

const usual = { every: 16, ramp: 0.5, until: 0.75 };

/** What of a run's id is not about SWA. */
const ruleSlug = (spec: Spec): string =>
  `dpf-swamp-${particlesSlug(spec.particles)}${changedSlug(spec, usual)}`;

/**
 * DPF with the particles of SWAMP (Choi et al. 2024): they share a mask, which is that of the largest weights of their
 * average; each goes on with its own weights. SWA begins when the mask has settled.
 */
export const dpfSwamp: ArmDefinition<Spec> = {
  kind: 'dpf-swamp',
  title: 'DPF with particles that share the mask, averaged',
  schema: Spec,
  label(spec) {
    const parts = [particlesLabel(spec.particles), ...changedLabels(spec, usual), ...swaLabels(spec.swa)];
    return `dpf+swamp(${parts.join('; ')})`;
  },
  slug: (spec) => `${ruleSlug(spec)}${swaSlug(spec.swa)}`,
  distinctSlug: (spec) => `${ruleSlug(spec)}${swaSlug(spec.swa, 'swa-every')}`,
  members: () => 1,
  needsPruning: true,
  swa: ({ swa }, base) => phaseOf(swa, base),
  check(_context, spec) {
    checkRamp(spec);
    checkOwnStart(spec);
  },
  plan(context, { particles, swa, ...options }) {
    planDynamic(context, {
      rule: { ...options, kind: 'dpf' },
      particles: ({ round, sparsity }) => particlesAt(particles, round, sparsity),
      swa: phaseOf(swa, context.swa),
      begin: fromTicket(context),
    });
  },
};
