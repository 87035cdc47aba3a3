import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf } from '../checkpoint/files.ts';
import { ConfigError } from '../contract/errors.ts';
import { findPreset, presets } from '../experiment/presets.ts';

/** A preset's configuration, or a JSON file's, and the folder that paths of code in it start from. @throws ConfigError */
export function readExperiment(name: string): [raw: unknown, folder: string] {
  if (presets.has(name)) return [findPreset(name).config, process.cwd()];
  const refuse = (why: string, hint: string, cause?: unknown): ConfigError =>
    new ConfigError(why, hint, undefined, { cause });
  const giveOne = 'Give a JSON file, or one of `swamp presets`.';
  const found = statSync(name, { throwIfNoEntry: false });
  if (!found && !/[./\\]/.test(name)) return [findPreset(name).config, process.cwd()];
  if (!found) throw refuse(`there is no file ${name}`, giveOne);
  if (found.isDirectory()) throw refuse(`${name} is a folder, not an experiment file`, giveOne);
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (cause) {
    throw refuse(`${name} cannot be read (${codeOf(cause)})`, giveOne, cause);
  }
  const correct = 'Correct the file; `swamp presets --json` has examples.';
  if (text.trim() === '') throw refuse(`${name} is empty`, correct);
  try {
    return [JSON.parse(text), dirname(resolve(name))];
  } catch (cause) {
    throw refuse(`${name} is not JSON: ${(cause as Error).message}`, correct, cause);
  }
}
