import { z } from 'zod';
import { ConfigError } from './errors.ts';

/**
 * Settings of a library, by name. What retention leaves is, for ever: masks, θ (the network an arm stands for in a round,
 * every member of an ensemble), tickets, batch-norm statistics, every figure. What it removes of finished runs can be
 * computed again from these, and is when something new needs it.
 */
export const LibrarySettings = z.object({
  'retention.particles': z
    .enum(['all', 'last', 'none'])
    .default('all')
    .describe('solutions of single particles in finished runs: keep all, those of the last round, or none'),
  'retention.predictions': z
    .enum(['all', 'none'])
    .default('all')
    .describe('predicted probabilities of finished runs: keep all or none'),
  'retention.trashDays': z
    .number()
    .min(0)
    .max(36_500)
    .default(30)
    .describe('days after which `swamp gc` empties the trash'),
});
export type LibrarySettings = z.infer<typeof LibrarySettings>;

export type SettingName = keyof LibrarySettings;

export const settingNames = Object.keys(LibrarySettings.shape) as SettingName[];

/** Settings from what is stored. A value that this version does not know counts as its default, which keeps more. */
export function readSettings(stored: Readonly<Record<string, unknown>>): LibrarySettings {
  const known = settingNames.filter((name) => LibrarySettings.shape[name].safeParse(stored[name]).success);
  return LibrarySettings.parse(Object.fromEntries(known.map((name) => [name, stored[name]])));
}

/** A value that a setting may have. @throws ConfigError where it cannot. */
export function checkSetting<Name extends SettingName>(name: Name, value: unknown): LibrarySettings[Name] {
  const schema: z.ZodType = LibrarySettings.shape[name];
  const read = schema.safeParse(value);
  if (read.success) return read.data as LibrarySettings[Name];
  throw new ConfigError(
    `${name} cannot be ${String(value)}: ${read.error.issues.map(({ message }) => message).join('; ')}`,
    `It says: ${schema.description ?? ''}. \`default\` goes back to the default.`,
  );
}
