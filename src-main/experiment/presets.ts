import { ConfigError } from '../contract/errors.ts';
import { suggestion } from './nearest.ts';
import { cifar10Small } from './presets/cifar10-small.ts';
import { demo } from './presets/demo.ts';
import type { Preset } from './presets/preset.ts';

/** Every preset by name: a new one is a file in presets/ and a line here. */
export const presets: ReadonlyMap<string, Preset> = new Map(
  [demo, cifar10Small].map((preset) => [preset.name, preset]),
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
