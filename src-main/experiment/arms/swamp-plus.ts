import { z } from 'zod';
import type { ArmDefinition, Round } from './arm.ts';
import { planRounds } from './rounds.ts';

const Spec = z.strictObject({
  kind: z.literal('swamp-plus'),
  particles: z
    .number()
    .int()
    .min(2)
    .max(1000)
    .default(4)
    .meta({ title: 'particles', description: 'N: of the sparse rounds. The others have one.' }),
  cost: z.number().gt(0).lt(1).default(0.6).meta({
    title: 'cost',
    description: 'Most trainings, as a share of those of SWAMP with N particles in every round.',
  }),
});
type Spec = z.infer<typeof Spec>;

/**
 * The round from which there are N particles: the earliest with which k + N·(R + 1 − k) trainings are at most the share of
 * N·(R + 1); the last round has N whatever the share.
 */
export function threshold({ particles, cost }: Pick<Spec, 'particles' | 'cost'>, rounds: number): number {
  const most = cost * particles * rounds;
  // Of 0.6 · 4 · 10 trainings, which binary fractions make 23.999…, there are 24.
  const affordable = (single: number): boolean => single + particles * (rounds - single) <= most + 1e-9;
  for (let single = 0; single < rounds - 1; single++) if (affordable(single)) return single;
  return rounds - 1;
}

/**
 * SWAMP+ (Choi et al. 2024; method.md, Round r of SWAMP): one particle while the network is dense, where averaging gains
 * little, then N. The round at which they begin follows from what the run may cost; `swamp` takes a threshold of one's own.
 */
export const swampPlus: ArmDefinition<Spec> = {
  kind: 'swamp-plus',
  title: 'SWAMP+: one particle first, then several, from the round that the cost allows',
  schema: Spec,
  label: ({ particles, cost }) =>
    `swamp+(${particles}; ${Number((100 * cost).toPrecision(6))} % of the cost)`,
  slug: ({ particles, cost }) => `swamp-plus-${particles}-${cost}`,
  members: () => 1,
  swa: (_spec, base) => base,
  plan(context, spec) {
    const { rounds, swa } = context;
    const from = threshold(spec, rounds.length);
    const particles = ({ round }: Round): number => (round < from ? 1 : spec.particles);
    planRounds(context, rounds, { particles, swa });
  },
};
