import { DataError } from '../../contract/errors.ts';
import type { FileReport } from '../dataset.ts';
import type { Source, SourceFile } from './source.ts';

/** Which file is an image of which class in which set. */
export interface Arrangement {
  /** Sorted; a label is a place in it. */
  readonly classes: readonly string[];
  /** Files by label, each list by name. */
  readonly train: readonly (readonly SourceFile[])[];
  /** `null`: the test set is to be drawn from `train`. */
  readonly test: readonly (readonly SourceFile[])[] | null;
  /** Folder of the test set; empty where there is none. */
  readonly testFolder: string;
  readonly ignored: FileReport['ignored'];
}

const IMAGE = /\.(?:jpe?g|png|webp|gif)$/i;

/** Whether a file's name says that it is an image that can be read. */
export function isImageName(name: string): boolean {
  return IMAGE.test(name);
}

/** Folders of sets, by what people call them. */
const TRAIN = ['train', 'training'];
const TEST = ['test', 'testing'];
const VALIDATION = ['val', 'valid', 'validation'];

/** An image with the folders it lies in. */
interface Placed {
  readonly file: SourceFile;
  /** Below the folder that is looked at; the last is the file's own name. */
  readonly parts: readonly string[];
}

/**
 * Reads classes and sets from where files lie: a folder a class, those in `train/` and `test/` (or `val/`) where
 * there are such; images may lie deeper in their class. One folder around all is looked through.
 * @throws DataError where that gives no classes, or an empty one
 */
export function arrange({ files, emptyFolders, name: source }: Source, hint: string): Arrangement {
  const tally = new Tally();
  let images: Placed[] = [];
  for (const file of files) {
    if (isImageName(file.name)) images.push({ file, parts: file.name.normalize('NFC').split('/') });
    else tally.add(`${/\.[^./]*$/.exec(file.name)?.[0] ?? 'other'} files`);
  }
  if (images.length === 0)
    throw new DataError(`there are no JPEG, PNG, WebP or GIF images in ${source}`, hint);
  let empty = emptyFolders.map((folder) => folder.normalize('NFC').split('/'));
  for (let around = folderAround(images); around !== null; around = folderAround(images)) {
    images = below(images, around);
    empty = empty.filter(([first]) => first === around).map((parts) => parts.slice(1));
  }
  const { train, test, testFolder, trainFolder } = divide(images, tally, source);
  const byClass = classesOf(train, (count) => tally.add('images outside class folders', count));
  if (byClass.size === 0)
    throw new DataError(`the ${images.length} images in ${source} do not lie in folders of classes`, hint);
  const emptyClasses = empty
    .filter((parts) => trainFolder === '' || parts[0] === trainFolder)
    .map((parts) => (trainFolder === '' ? parts : parts.slice(1)))
    .filter((parts) => parts.length === 1)
    .map(([name = '']) => name)
    .filter((name) => !byClass.has(name));
  refuseClasses(`holds no image`, emptyClasses);
  const classes = [...byClass.keys()].sort();
  const testByClass =
    test && classesOf(test, (count) => tally.add(`images in ${testFolder}/ outside class folders`, count));
  const strangers = [...(testByClass?.keys() ?? [])].filter((name) => !byClass.has(name));
  refuseClasses(`is in ${testFolder}/ but not in ${trainFolder}/`, strangers);
  const listed = (sets: ReadonlyMap<string, SourceFile[]>): SourceFile[][] =>
    classes.map((name) => sets.get(name) ?? []);
  return {
    classes,
    train: listed(byClass),
    test: testByClass && listed(testByClass),
    testFolder,
    ignored: tally.all,
  };
}

function refuseClasses(what: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const some = names.slice(0, 10).map((name) => JSON.stringify(name));
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  const whose =
    names.length === 1
      ? `the class folder ${some.join()} ${what}`
      : `class folders ${some.join(', ')}${more}: each ${what}`;
  throw new DataError(whose, 'Remove the folder, or put its images there.');
}

/** Name of the one folder that holds every image in folders of its own; `null`: there is none. */
function folderAround(images: readonly Placed[]): string | null {
  const [first = ''] = images[0]?.parts ?? [];
  return images.every(({ parts }) => parts.length > 2 && parts[0] === first) ? first : null;
}

/** Images in a folder, seen from there. */
function below(images: readonly Placed[], folder: string): Placed[] {
  return images
    .filter(({ parts }) => parts[0] === folder)
    .map(({ file, parts }) => ({ file, parts: parts.slice(1) }));
}

interface Division {
  readonly train: readonly Placed[];
  readonly test: readonly Placed[] | null;
  readonly trainFolder: string;
  readonly testFolder: string;
}

/** Finds the folders of the sets. A folder named `train` that holds images itself is a class of that name. */
function divide(images: readonly Placed[], tally: Tally, source: string): Division {
  const folders = new Map<string, { images: number; inClasses: number }>();
  for (const { parts } of images) {
    const [folder = ''] = parts;
    if (parts.length < 2) continue;
    const counts = folders.get(folder) ?? { images: 0, inClasses: 0 };
    counts.images++;
    if (parts.length > 2) counts.inClasses++;
    folders.set(folder, counts);
  }
  const named = (names: readonly string[]): string | undefined =>
    [...folders].find(([name, { inClasses }]) => inClasses > 0 && names.includes(name.toLowerCase()))?.[0];
  const trainFolder = named(TRAIN);
  const testFolder = named(TEST) ?? named(VALIDATION);
  if (trainFolder === undefined) {
    if (testFolder !== undefined && folders.get(testFolder)?.inClasses === folders.get(testFolder)?.images)
      throw new DataError(
        `${source} has ${testFolder}/ but no train/`,
        'Name the folder of the training images train.',
      );
    return { train: images, test: null, trainFolder: '', testFolder: '' };
  }
  const used = testFolder === undefined ? `${trainFolder}/` : `${trainFolder}/ and ${testFolder}/`;
  for (const [folder, { images: count }] of folders)
    if (folder !== trainFolder && folder !== testFolder)
      tally.add(`images in ${folder}/, beside ${used}`, count);
  const loose = images.filter(({ parts }) => parts.length < 2).length;
  tally.add('images outside class folders', loose);
  return {
    train: below(images, trainFolder),
    test: testFolder === undefined ? null : below(images, testFolder),
    trainFolder,
    testFolder: testFolder ?? '',
  };
}

/** Files by the class folder they lie in. */
function classesOf(images: readonly Placed[], outside: (count: number) => void): Map<string, SourceFile[]> {
  const classes = new Map<string, SourceFile[]>();
  let loose = 0;
  for (const { file, parts } of images) {
    const [name = ''] = parts;
    if (parts.length < 2) loose++;
    else if (classes.has(name)) classes.get(name)?.push(file);
    else classes.set(name, [file]);
  }
  outside(loose);
  return classes;
}

/** Counts by name, largest first. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, count = 1): void {
    if (count > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  get all(): FileReport['ignored'] {
    return [...this.#counts].map(([what, count]) => ({ what, count })).sort((a, b) => b.count - a.count);
  }
}
