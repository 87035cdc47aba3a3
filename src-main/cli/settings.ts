import { ConfigError, ExitCode } from '../contract/errors.ts';
import { checkSetting, describeSettings, settingNames, type SettingName } from '../contract/settings.ts';
import { columns } from '../report/format.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { withLibrary, type CommonOptions } from './session.ts';

/** `swamp settings [NAME] [VALUE]`: lists, shows one, or sets it; the value `default` goes back. */
export async function settings(
  name: string | undefined,
  value: string | undefined,
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  const only = name === undefined ? undefined : settingOf(name);
  const set = only === undefined || value === undefined ? undefined : { value: valueOf(only, value) };
  if (only !== undefined && set)
    await withService(options, output, ({ client }) =>
      client.call('library.set', { name: only, value: set.value }),
    );
  return await withLibrary(options, ({ store }) => {
    const now = store.settings();
    const told = describeSettings(now, only && [only]).map(({ choices: _choices, ...setting }) => setting);
    output.result({ settings: told }, () =>
      only !== undefined
        ? `${only} = ${now[only]}`
        : columns(
            told.map((each) => [
              each.name,
              String(each.value),
              each.value === each.default ? '' : `(default ${each.default})`,
              each.description,
            ]),
            ['left', 'left', 'left', 'left'],
          ).join('\n'),
    );
    return ExitCode.ok;
  });
}

function settingOf(text: string): SettingName {
  const found = settingNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new ConfigError(`there is no setting ${text}`, `There are ${settingNames.join(', ')}.`);
}

/** Numbers are written as such, words without quotes. @throws ConfigError where the setting cannot have it. */
function valueOf(name: SettingName, text: string): string | number | null {
  if (text === 'default') return null;
  return checkSetting(name, text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);
}
