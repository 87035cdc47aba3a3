import { z } from 'zod';
import { Particles, particlesAt } from '../../averaging/particles.ts';
import { Rigl } from '../../pruning/dynamic/rigl.ts';
import { until } from '../../pruning/dynamic/updates.ts';
import type { ArmDefinition } from './arm.ts';
import { changedLabels, changedSlug, planDynamic } from './dynamic.ts';
import { OwnSwa, phaseOf, swaLabels, swaSlug } from './own-swa.ts';
import { particlesLabel, particlesSlug } from './particles-text.ts';
import { fromRandomMask, sparseStart, startLabels, startSlug } from './sparse-start.ts';

const Spec = Rigl.extend({
  kind: z.literal('rigl-swamp'),
  /** Particles of a round: a number, or steps by sparsity or round. */
  particles: Particles.default(4),
  /** Share of the training in which weights are replaced; averaging begins no earlier. */
  until: until.lt(1).default(0.75),
  ...sparseStart,
  /** What this arm does differently from the experiment's SWA phase. */
  swa: OwnSwa,
});

const usual = { every: 100, until: 0.75, fraction: 0.3 };

/**
 * RigL with the particles of SWAMP (Choi et al. 2024): they share a mask; at an update their weights are averaged, drop
 * and growth are decided at the average, and each goes on with its own weights. SWA begins when the updates have ended.
 */
export const riglSwamp: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'rigl-swamp',
  title: 'RigL with particles that share the mask, averaged',
  schema: Spec,
  label(spec) {
    const rule = [...startLabels(spec), ...changedLabels(spec, usual)];
    return `rigl+swamp(${[particlesLabel(spec.particles), ...rule, ...swaLabels(spec.swa)].join('; ')})`;
  },
  slug(spec) {
    const rule = `${startSlug(spec)}${changedSlug(spec, usual)}`;
    return `rigl-swamp-${particlesSlug(spec.particles)}${rule}${swaSlug(spec.swa)}`;
  },
  members: () => 1,
  swa: ({ swa }, base) => phaseOf(swa, base),
  plan(context, { particles, swa, densities, at, ...options }) {
    planDynamic(context, {
      rule: { ...options, kind: 'rigl' },
      particles: ({ round, sparsity }) => particlesAt(particles, round, sparsity),
      swa: phaseOf(swa, context.swa),
      begin: fromRandomMask(context, 'rigl+swamp', { densities, at }),
    });
  },
};
