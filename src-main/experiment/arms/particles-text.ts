import type { Particles } from '../../averaging/particles.ts';

/** Percent without the digits binary fractions add: 60, 87.5. */
const percent = (share: number): string => String(Number((100 * share).toPrecision(6)));

/** `4`, or for SWAMP+ `1, 4 from 60 %` and `1, 4 from round 5`. */
export function particlesLabel(particles: Particles): string {
  if (typeof particles === 'number') return String(particles);
  return particles
    .map((step, index) => {
      if (index === 0) return String(step.particles);
      const from = 'from' in step ? `${percent(step.from)} %` : `round ${step.fromRound}`;
      return `${step.particles} from ${from}`;
    })
    .join(', ');
}

/** The same for a run's id: `4`, `1-4s0.6` (from a sparsity), `1-4r5` (from a round). */
export function particlesSlug(particles: Particles): string {
  if (typeof particles === 'number') return String(particles);
  return particles
    .map((step, index) => {
      if (index === 0) return String(step.particles);
      return `${step.particles}${'from' in step ? `s${step.from}` : `r${step.fromRound}`}`;
    })
    .join('-');
}
