import type { NamedSpec, Swa } from '../../contract/recipe.ts';
import { choose, registry } from '../../contract/registry.ts';
import { ConfigError } from '../../contract/errors.ts';
import type { ArmContext, ArmDefinition, Judged } from './arm.ts';
import { dense } from './dense.ts';
import { dpf } from './dpf.ts';
import { dpfSwamp } from './dpf-swamp.ts';
import { gmp } from './gmp.ts';
import { imp } from './imp.ts';
import { impEnsemble } from './imp-ensemble.ts';
import { fineTune } from './fine-tune.ts';
import { grasp } from './grasp.ts';
import { instability } from './instability.ts';
import { lotteryPools } from './lottery-pools.ts';
import { lrRewind } from './lr-rewind.ts';
import { impSam } from './imp-sam.ts';
import { multiSgd } from './multi-sgd.ts';
import { oneShot } from './one-shot.ts';
import { soup } from './soup.ts';
import { random } from './random.ts';
import { snip } from './snip.ts';
import { rigl } from './rigl.ts';
import { riglSwamp } from './rigl-swamp.ts';
import { set } from './set.ts';
import { swamp } from './swamp.ts';
import { swampPlus } from './swamp-plus.ts';
import { synflow } from './synflow.ts';

/** Every arm by kind: a new one is a file in this folder and an entry here. */
export const arms = registry<ArmDefinition>(
  dense,
  imp,
  impEnsemble,
  impSam,
  multiSgd,
  swamp,
  swampPlus,
  oneShot,
  fineTune,
  lrRewind,
  lotteryPools,
  soup,
  instability,
  random,
  snip,
  grasp,
  synflow,
  gmp,
  set,
  rigl,
  dpf,
  riglSwamp,
  dpfSwamp,
);

/** An arm with its settings. */
export interface Arm {
  readonly kind: string;
  /** For example `swamp(4)`. */
  readonly label: string;
  /** For example `swamp-4`. */
  readonly slug: string;
  /** The same in other words, where another arm has that slug. */
  readonly distinctSlug: string;
  /** Networks that run at inference. */
  readonly members: number;
  /** The SWA phase of its particles, from the experiment's; `null` for plain SGD. */
  swa(base: Swa): Swa | null;
  /** @throws ConfigError where it would do nothing of its own, or not what it says. */
  check(context: Judged): void;
  plan(context: ArmContext): void;
}

/** An arm with its settings. @throws ConfigError on an unknown kind or wrong settings. */
export function openArm(spec: NamedSpec): Arm {
  const { entry, options } = choose(arms, spec, 'arms');
  return {
    kind: entry.kind,
    label: entry.label(options),
    slug: entry.slug(options),
    distinctSlug: (entry.distinctSlug ?? entry.slug)(options),
    members: entry.members(options),
    swa: (base) => entry.swa?.(options, base) ?? null,
    check(context) {
      if (entry.needsPruning && context.rounds.length < 2)
        throw new ConfigError(
          `arms: ${entry.label(options)} would prune nothing: the sparsity schedule has round 0 alone`,
          'Give sparsity one round or more, or take the arm "dense".',
        );
      entry.check?.(context, options);
    },
    plan: (context) => entry.plan(context, options),
  };
}

/**
 * Slugs of an experiment's arms. Arms that would share one are told apart where they can be; all others keep that by which
 * their runs are stored.
 */
export function slugsOf(arms: readonly Pick<Arm, 'slug' | 'distinctSlug'>[]): string[] {
  const times = Map.groupBy(arms, ({ slug }) => slug);
  return arms.map(({ slug, distinctSlug }) => ((times.get(slug)?.length ?? 0) > 1 ? distinctSlug : slug));
}
