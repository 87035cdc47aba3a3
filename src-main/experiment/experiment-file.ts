import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf, writeAtomically } from '../checkpoint/files.ts';
import { ConfigError } from '../contract/errors.ts';
import { absoluteOwn } from '../own/own.ts';
import { datasets } from '../datasets/registry.ts';
import { findPreset, presets } from './presets.ts';
import { isRecord } from './problems.ts';

/** A preset's configuration, or a JSON file's, and the folder that paths of code in it start from. @throws ConfigError */
export function readExperiment(name: string): [raw: unknown, folder: string] {
  if (presets.has(name)) return [findPreset(name).config, process.cwd()];
  const found = statSync(name, { throwIfNoEntry: false });
  if (!found && !/[./\\]/.test(name)) return [findPreset(name).config, process.cwd()];
  return [readJson(name), dirname(resolve(name))];
}

/** An experiment file for a window, which has no folder that it works in: paths that start from the file are absolute. */
export function openExperimentFile(name: string): { raw: unknown; file: string } {
  const file = resolve(name);
  const raw = absoluteOwn(readJson(file), dirname(file));
  return { raw: withData(raw, dirname(file)), file };
}

/**
 * Writes a configuration as an experiment file. @returns where.
 * @throws ConfigError where there is one already; LibraryError where it cannot be written.
 */
export function writeExperimentFile(raw: unknown, name: string, replace: boolean): string {
  const file = resolve(/\.\w+$/.test(name) ? name : `${name}.json`);
  if (!replace && existsSync(file))
    throw new ConfigError(`${file} is there already`, 'Replace it, or choose another name.');
  writeAtomically(file, [Buffer.from(`${JSON.stringify(raw, null, 2)}\n`)]);
  return file;
}

/** Data that lie where the file says, seen from its own folder. */
function withData(raw: unknown, folder: string): unknown {
  if (!isRecord(raw) || !isRecord(raw['dataset'])) return raw;
  const dataset = { ...raw['dataset'] };
  for (const option of datasets.get(String(dataset['kind']))?.location ?? []) {
    const value = dataset[option];
    if (typeof value === 'string' && existsSync(resolve(folder, value)))
      dataset[option] = resolve(folder, value);
  }
  return { ...raw, dataset };
}

/** @throws ConfigError where there is no such file, or it is no JSON. */
function readJson(name: string): unknown {
  const refuse = (why: string, hint: string, cause?: unknown): ConfigError =>
    new ConfigError(why, hint, undefined, { cause });
  const giveOne = 'Give a JSON file, or one of `swamp presets`.';
  const found = statSync(name, { throwIfNoEntry: false });
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
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw refuse(`${name} is not JSON: ${(cause as Error).message}`, correct, cause);
  }
}
