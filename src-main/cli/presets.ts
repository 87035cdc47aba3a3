import { ExitCode } from '../contract/errors.ts';
import { presets } from '../experiment/presets.ts';
import type { Output } from './output.ts';

/** `swamp presets` */
export function listPresets(output: Output): ExitCode {
  const all = [...presets.values()];
  output.result({ presets: all }, () =>
    all.map(({ name, title, notes }) => `${name}\n  ${title}\n  ${notes}`).join('\n'),
  );
  return ExitCode.ok;
}
