import { ConfigError } from '../contract/errors.ts';
import { suggestion } from './nearest.ts';
import { ablation } from './presets/ablation.ts';
import { cifar10Arms } from './presets/cifar10-arms.ts';
import { cifar10Small } from './presets/cifar10-small.ts';
import { demo } from './presets/demo.ts';
import type { Preset } from './presets/preset.ts';
import { swampPlus } from './presets/swamp-plus.ts';

/** Every preset by name: a new one is a file in presets/ and a line here. */
export const presets: ReadonlyMap<string, Preset> = new Map(
  [demo, swampPlus, ablation, cifar10Small, cifar10Arms].map((preset) => [preset.name, preset]),
);

/** @throws ConfigError where there is no such preset */
export function findPreset(name: string): Preset {
  const found = presets.get(name);
  if (found) return found;
  throw new ConfigError(
    `there is no preset "${name}": ${suggestion(name, [...presets.keys()], 'presets')}`,
    '`swamp presets` lists them; a file of your own is given by its path.',
  );
}
