import { z } from 'zod';
import { Particles, particlesAt } from '../../averaging/particles.ts';
import { Rigl } from '../../pruning/dynamic/rigl.ts';
import { until } from '../../pruning/dynamic/updates.ts';
import type { ArmDefinition } from './arm.ts';
import { changedLabels, changedSlug, checkOwnStart, planDynamic } from './dynamic.ts';
import { OwnSwa, phaseOf, swaLabels, swaSlug } from './own-swa.ts';
import { particlesLabel, particlesSlug } from './particles-text.ts';
import { fromRandomMask, sparseStart, startLabels, startSlug } from './sparse-start.ts';

const Spec = Rigl.extend({
  kind: z.literal('rigl-swamp'),
  particles: Particles.default(4).meta({
    title: 'particles',
    description: 'Of a round: a number, or steps by sparsity or round.',
  }),
  until: until.lt(1).default(0.75).meta({
    title: 'mask updated until',
    description: 'Share of the training in which weights are replaced; averaging begins no earlier.',
  }),
  ...sparseStart,
  swa: OwnSwa,
});

type Spec = z.infer<typeof Spec>;

const usual = { every: 100, until: 0.75, fraction: 0.3 };

/** What of a run's id is not about SWA. */
const ruleSlug = (spec: Spec): string =>
  `rigl-swamp-${particlesSlug(spec.particles)}${startSlug(spec)}${changedSlug(spec, usual)}`;

/**
 * RigL with the particles of SWAMP (Choi et al. 2024): they share a mask; at an update their weights are averaged, drop
 * and growth are decided at the average, and each goes on with its own weights. SWA begins when the updates have ended.
 */
export const riglSwamp: ArmDefinition<Spec> = {
  kind: 'rigl-swamp',
  title: 'RigL with particles that share the mask, averaged',
  schema: Spec,
  label(spec) {
    const rule = [...startLabels(spec), ...changedLabels(spec, usual)];
    return `rigl+swamp(${[particlesLabel(spec.particles), ...rule, ...swaLabels(spec.swa)].join('; ')})`;
  },
  slug: (spec) => `${ruleSlug(spec)}${swaSlug(spec.swa)}`,
  distinctSlug: (spec) => `${ruleSlug(spec)}${swaSlug(spec.swa, 'swa-every')}`,
  members: () => 1,
  needsPruning: true,
  swa: ({ swa }, base) => phaseOf(swa, base),
  check: (_context, spec) => checkOwnStart(spec),
  plan(context, { particles, swa, densities, at, ...options }) {
    planDynamic(context, {
      rule: { ...options, kind: 'rigl' },
      particles: ({ round, sparsity }) => particlesAt(particles, round, sparsity),
      swa: phaseOf(swa, context.swa),
      begin: fromRandomMask(context, 'rigl+swamp', { densities, at }),
    });
  },
};
