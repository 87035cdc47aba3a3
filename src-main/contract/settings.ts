import { ConfigError } from './errors.ts';

/** A setting of a library. Without zod: whoever opens a library, if only to list it, loads this. */
interface Setting<Value extends string | number> {
  readonly default: Value;
  /** For people; what else it may be included. */
  readonly description: string;
  /** The words that it may be; `null`: it is a number. */
  readonly choices: readonly string[] | null;
  accepts(value: unknown): value is Value;
}

/**
 * Settings of a library, by name. What retention leaves is, for ever: masks, θ (the network an arm stands for in a round,
 * every member of an ensemble), tickets, batch-norm statistics, every figure. What it removes of finished runs can be
 * computed again from these, and is when something new needs it.
 */
export const librarySettings = {
  'retention.particles': oneOf(
    ['all', 'last', 'none'],
    'solutions of single particles in finished runs: keep all, those of the last round, or none',
  ),
  'retention.predictions': oneOf(
    ['all', 'none'],
    'predicted probabilities of finished runs: keep all or none',
  ),
  'retention.trashDays': between(
    { least: 0, most: 36_500, default: 30 },
    'days after which cleaning up (`swamp gc`) empties the trash',
  ),
};

export type SettingName = keyof typeof librarySettings;
export type LibrarySettings = {
  readonly [Name in SettingName]: (typeof librarySettings)[Name]['default'];
};

export const settingNames = Object.keys(librarySettings) as SettingName[];

/** Settings from what is stored. A value that this version does not know counts as its default, which keeps more. */
export function readSettings(stored: Readonly<Record<string, unknown>>): LibrarySettings {
  const read = settingNames.map((name) => {
    const setting: Setting<string | number> = librarySettings[name];
    const value = stored[name];
    return [name, setting.accepts(value) ? value : setting.default];
  });
  return Object.fromEntries(read) as LibrarySettings;
}

/** A value that a setting may have. @throws ConfigError where it cannot. */
export function checkSetting<Name extends SettingName>(name: Name, value: unknown): LibrarySettings[Name] {
  const setting: Setting<string | number> = librarySettings[name];
  if (setting.accepts(value)) return value as LibrarySettings[Name];
  throw new ConfigError(
    `${name} cannot be ${String(value)}`,
    `It says: ${setting.description}. \`default\` goes back to ${setting.default}.`,
  );
}

/** Settings with what they may be, for people. @param names default: all. */
export function describeSettings(
  now: LibrarySettings,
  names: readonly SettingName[] = settingNames,
): {
  name: SettingName;
  value: string | number;
  default: string | number;
  description: string;
  choices: string[] | null;
}[] {
  return names.map((name) => {
    const { default: standard, description, choices }: Setting<string | number> = librarySettings[name];
    return { name, value: now[name], default: standard, description, choices: choices && [...choices] };
  });
}

/** The first is the default. */
function oneOf<const Value extends string>(
  values: readonly [Value, ...Value[]],
  description: string,
): Setting<Value> {
  const [standard] = values;
  return {
    default: standard,
    description: `${description} (${values.join(', ')})`,
    choices: values,
    accepts: (value): value is Value => values.some((each) => each === value),
  };
}

function between(
  { least, most, default: standard }: { least: number; most: number; default: number },
  description: string,
): Setting<number> {
  return {
    default: standard,
    description: `${description}, ${least} to ${most}`,
    choices: null,
    accepts: (value): value is number => typeof value === 'number' && value >= least && value <= most,
  };
}
