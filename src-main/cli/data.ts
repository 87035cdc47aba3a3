import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeAtomically } from '../checkpoint/files.ts';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import { contactRows, contactSheet } from '../datasets/contact-sheet.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { isImageName } from '../datasets/image-files/arrange.ts';
import { datasets } from '../datasets/registry.ts';
import { surveyOf } from '../datasets/survey.ts';
import { parseConfig, resolveLocations } from '../experiment/config.ts';
import { givenData, isPictures } from '../experiment/data-argument.ts';
import { applySet } from '../experiment/overrides.ts';
import { presets } from '../experiment/presets.ts';
import { absoluteOwn } from '../own/own.ts';
import { surveyHtml, surveyText } from '../report/survey.ts';
import type { Survey } from '../contract/survey.ts';
import { readImages } from './data-loading.ts';
import { readExperiment } from '../experiment/experiment-file.ts';
import { requireWritable } from '../experiment/out-file.ts';
import { writeText } from './files.ts';
import type { Output } from './output.ts';
import { interruptible, type CommonOptions } from './session.ts';

export interface DataOptions extends CommonOptions {
  readonly set: readonly string[];
  /** A file; `true`: one in the temporary folder. */
  readonly contactSheet?: string | boolean;
}

const FORMS =
  'Give a preset, an experiment file, KIND, KIND:PATH or a folder: for example digits, cifar10:DIR or images:DIR.';

/** `swamp data check PRESET|FILE|KIND[:PATH]|FOLDER` */
export async function checkData(name: string, options: DataOptions, output: Output): Promise<ExitCode> {
  const config = resolveLocations(
    parseConfig(applySet(absoluteOwn(...(await rawConfig(name))), options.set)),
    process.cwd(),
  );
  const sheet = sheetFile(options.contactSheet);
  const start = performance.now();
  // Broken files are told of, not refused.
  const dataset = await interruptible((signal) => readImages(config.dataset, { signal, tellBroken: true }));
  const seconds = (performance.now() - start) / 1000;
  const { validation } = config.split;
  const survey = surveyOf(config.dataset.kind, dataset, { validation, seed: config.seeds[0] ?? 1 });
  if (sheet !== null) await writeSheet(sheet, dataset, survey);
  const broken = survey.files?.broken.length ?? 0;
  const ok = broken === 0 || config.dataset['broken'] === 'skip';
  output.result({ ok, ...survey, seconds, contactSheet: sheet }, () =>
    [
      surveyText(survey),
      '',
      `Loaded in ${seconds.toFixed(1)} s${survey.files?.cached ? ', decoded earlier' : ''}.`,
      ...(sheet === null ? [] : [`Contact sheet: ${sheet}`]),
    ].join('\n'),
  );
  if (!ok) output.note(`A run refuses these broken files. Replace them, or use --set dataset.broken=skip.`);
  return ok ? ExitCode.ok : ExitCode.usage;
}

/** What an experiment file or preset holds, or the smallest experiment around a data set. */
async function rawConfig(name: string): Promise<[raw: unknown, folder: string]> {
  if (!namesData(name)) return readExperiment(name);
  const dataset = await givenData({ text: name, before: '', hint: FORMS, facts: null });
  if (isPictures(dataset)) throw new ConfigError(`${name}: pictures without classes are no data set`, FORMS);
  return [{ name: 'data', dataset, model: 'lenet', arms: ['dense'] }, process.cwd()];
}

/** Whether this is a data set, not a preset or a file with an experiment. */
function namesData(name: string): boolean {
  if (presets.has(name)) return false;
  const [, kind = '', path] = /^([a-z0-9-]+)(?::(.*))?$/s.exec(name) ?? [];
  if (path !== undefined || datasets.has(kind)) return true;
  const found = statSync(name, { throwIfNoEntry: false });
  return found?.isDirectory() === true || /\.(?:m?[jt]s|zip)$/i.test(name) || isImageName(name);
}

/** Where the contact sheet goes; `null`: none is wanted. @throws ConfigError where it cannot be written. */
function sheetFile(wanted: string | boolean | undefined): string | null {
  if (wanted === undefined || wanted === false) return null;
  if (wanted === true) return join(mkdtempSync(join(tmpdir(), 'swamp-data-')), 'contact-sheet.png');
  if (!/\.(?:png|html?)$/i.test(wanted))
    throw new ConfigError(
      `--contact-sheet ${wanted}: this is neither a .png nor a .html file`,
      'Give a file that ends in .png or .html.',
    );
  requireWritable('--contact-sheet', wanted);
  return resolve(wanted);
}

async function writeSheet(file: string, dataset: Dataset, survey: Survey): Promise<void> {
  const rows = await contactRows(dataset);
  if (/\.html?$/i.test(file)) writeText(file, surveyHtml(survey, rows));
  else writeAtomically(file, [await contactSheet(rows)]);
}
