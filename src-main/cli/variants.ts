import { ConfigError } from '../contract/errors.ts';
import type { EngineVariant } from '../engine/provision/index.ts';
import { resolveLocations } from '../experiment/config.ts';
import { expandSweep, type Variant } from '../experiment/sweep.ts';

/** The experiments that a configuration stands for, paths starting from this folder. @throws ConfigError */
export function variantsOf(raw: unknown): Variant[] {
  return expandSweep(raw).map(({ name, choices, config }) => ({
    name,
    choices,
    config: resolveLocations(config, process.cwd()),
  }));
}

/** The engine that all of them ask for. @throws ConfigError where they ask for several. */
export function engineSetting(variants: readonly Variant[]): EngineVariant {
  const [first, ...others] = new Set(variants.map(({ config }) => config.engine));
  if (first === undefined) throw new Error('no experiment');
  if (others.length === 0) return first;
  throw new ConfigError(
    `engine: ${JSON.stringify([first, ...others])} are several engines; a sweep runs on one`,
    'Run it once for each with --set engine=ENGINE.',
  );
}
