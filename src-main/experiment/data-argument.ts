import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { CheckpointFacts } from '../contract/checkpoint.ts';
import { ConfigError } from '../contract/errors.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { isImageName } from '../datasets/image-files/arrange.ts';
import { listPictures } from '../datasets/pictures.ts';
import { datasets } from '../datasets/registry.ts';
import { isOwnPath } from '../own/source.ts';
import { applySet } from './overrides.ts';
import { chooseOwnable, withAbsoluteLocation } from './own-choice.ts';
import { isRecord, problemText, Problems, refuse } from './problems.ts';

/** Images as asked for on the command line. */
export type AskedImages =
  | { readonly kind: 'dataset'; readonly source: NamedSpec }
  | { readonly kind: 'pictures'; readonly files: readonly string[] };

export interface DataRequest {
  /** What `--data` says; absent: the data set that the file names. */
  readonly data?: string | undefined;
  /** `dataset.path=…` and the like, over it. */
  readonly set: readonly string[];
  readonly facts: CheckpointFacts | null;
  /** A data set with its location whose content has a digest, where one is known. */
  readonly known: (digest: string) => NamedSpec | null;
}

const FORMS =
  'Give a kind of data set, KIND:PATH, a folder, or a JSON file with a data set (for example --data digits or --data cifar10:DIR).';

/** Data as text that a user gave, and how to speak of it. */
export interface GivenText {
  readonly text: string;
  /** What stands before the text: the option, or nothing. */
  readonly before: string;
  /** What may be given instead. */
  readonly hint: string;
  /** What the file says that the data are for. */
  readonly facts: CheckpointFacts | null;
}

/** Kind of data set that is pictures in a folder for each class. */
const FOLDERS = 'images';

/** Images that are asked for. @throws ConfigError where that is nothing. */
export async function askedImages({ data, set, facts, known }: DataRequest): Promise<AskedImages> {
  const spec =
    data === undefined
      ? ownData(facts, known)
      : await givenData({ text: data, before: '--data ', hint: FORMS, facts });
  if (isPictures(spec)) {
    if (set.length === 0) return spec;
    throw new ConfigError(`--set ${set[0]}: pictures have no settings`, 'Leave it out.');
  }
  const merged = applySet({ dataset: spec }, set) as Record<string, unknown>;
  const problems = new Problems();
  const other = Object.keys(merged).find((key) => key !== 'dataset');
  if (other !== undefined) problems.add([other], 'only the data set can be set here: --set dataset.path=DIR');
  const source = chooseOwnable(datasets, 'dataset', merged['dataset'], process.cwd(), problems);
  refuse(problems.list.map(problemText), FORMS);
  return { kind: 'dataset', source: withAbsoluteLocation(source as NamedSpec, process.cwd()) };
}

/** Pictures without labels, of what {@link givenData} found. */
export function isPictures(spec: unknown): spec is Extract<AskedImages, { kind: 'pictures' }> {
  return isRecord(spec) && spec['kind'] === 'pictures';
}

/** The data set that a file was trained on, from where the library knows it. */
function ownData(facts: CheckpointFacts | null, known: DataRequest['known']): NamedSpec {
  if (!facts) throw new ConfigError('the file does not say which data it is for, and none are given', FORMS);
  const found = known(facts.datasetDigest);
  if (found) return found;
  const { own } = facts.dataset;
  if (typeof own !== 'string') return facts.dataset;
  throw new ConfigError(
    `the data set of the file is defined in a file of your own, ${own}`,
    'Say where that file is (--data FILE.ts), and its options (--set dataset.option=value).',
  );
}

/**
 * What a text names: a kind of data set, KIND:PATH, a folder, an archive, a file of code or JSON, or pictures. Its
 * options are not checked yet.
 * @throws ConfigError where that is nothing.
 */
export async function givenData(given: GivenText): Promise<unknown> {
  const { text } = given;
  const [kind = '', ...rest] = text.split(':');
  if (datasets.has(kind)) return named(kind, rest.length > 0 ? rest.join(':') : undefined, given);
  const found = statSync(text, { throwIfNoEntry: false });
  if (!found) throw refusal(given, unknownData(kind, rest.length > 0));
  if (found.isDirectory()) return await inFolder(given);
  // By its name alone: any absolute path would do for a file of code.
  if (isOwnPath(path.basename(text))) return { kind: path.resolve(text) };
  if (isImageName(text)) return { kind: 'pictures', files: [path.resolve(text)] };
  return /\.zip$/i.test(text) ? named(FOLDERS, text, given) : fromJson(given);
}

function refusal({ before, text, hint }: GivenText, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`${before}${text}: ${why}`, hint, undefined, { cause });
}

/** What lies in a folder: files of a data set, pictures, or folders of pictures. */
async function inFolder(given: GivenText): Promise<unknown> {
  const folder = given.text;
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  const found = [...datasets.values()].find((each) => each.recognises?.(names));
  if (found) return named(found.kind, folder, given);
  if (names.some(isImageName)) return { kind: 'pictures', files: await listPictures(path.resolve(folder)) };
  if (entries.some((entry) => entry.isDirectory())) return named(FOLDERS, folder, given);
  throw refusal(given, 'no data set is recognised in this folder');
}

function unknownData(kind: string, withPath: boolean): string {
  const kinds = [...datasets.keys()].join(', ');
  return withPath
    ? `there is no kind of data set "${kind}"; known: ${kinds}`
    : `neither a data set (${kinds}) nor a file or folder`;
}

/**
 * A data set by its kind: of the file's own kind with the options that the file was trained with, of another with
 * images of its shape where that can be chosen.
 */
function named(kind: string, location: string | undefined, { before, facts }: GivenText): NamedSpec {
  const definition = datasets.get(kind);
  const fitting = (facts && definition?.sized?.(facts.shape)) ?? {};
  const options = facts?.dataset.kind === kind ? facts.dataset : { kind, ...fitting };
  const [option] = definition?.location ?? [];
  if (location === undefined) return options;
  if (option === undefined)
    throw new ConfigError(
      `${before}${kind}:${location}: ${kind} lies in no folder`,
      `Give ${before}${kind}.`,
    );
  return { ...options, [option]: location };
}

/** A data set in a JSON file, or that of an experiment in one. */
function fromJson(given: GivenText): unknown {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(given.text, 'utf8'));
  } catch (cause) {
    throw refusal(given, `neither a picture nor JSON: ${(cause as Error).message}`, cause);
  }
  return isRecord(value) && 'dataset' in value ? value['dataset'] : value;
}
