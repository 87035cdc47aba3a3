import { basename } from 'node:path';
import { assemble, sharedBytes } from '../datasets/assemble.ts';
import type { Dataset, DatasetDefinition, ImageSet, LoadWatch } from '../datasets/dataset.ts';
import { datasets } from '../datasets/registry.ts';
import { nameOf, readBasics, requireFunction, show, type Exported } from './definition.ts';
import { OwnFile } from './fault.ts';
import type { LoadedCode } from './load.ts';

/** Labels are bytes. */
const MOST_CLASSES = 256;

/** What a data set file exports, as a definition like the program's own; what it loads is looked at. */
export function ownDataset({ file: path, text, exported }: LoadedCode): DatasetDefinition {
  const file = new OwnFile('dataset', path, text);
  const basics = readBasics(file, exported, datasets.keys());
  requireFunction(file, basics, 'load', '(options)');
  const { kind, schema, title = kind, location = [] } = basics;
  if (typeof title !== 'string') throw file.fault('title', `title must be text, not ${nameOf(title)}`);
  if (!Array.isArray(location) || !location.every((name) => typeof name === 'string')) {
    throw file.fault('location', `location must list names of options, not ${show(location)}`);
  }
  const members = exported as { load(options: unknown, watch: LoadWatch): unknown };
  return {
    kind,
    schema,
    title,
    location,
    async load(options, watch) {
      return checkDataset(file, title, await file.callAsync(() => members.load(options, watch)));
    },
  };
}

function checkDataset(file: OwnFile, title: string, loaded: unknown): Dataset {
  if (typeof loaded !== 'object' || loaded === null) {
    throw file.fault('load', `load must give { shape, classes, train, test }, not ${nameOf(loaded)}`);
  }
  const parts = loaded as Exported;
  const shape = checkShape(file, parts['shape']);
  const { classes } = parts;
  if (
    !Array.isArray(classes) ||
    classes.length < 2 ||
    classes.length > MOST_CLASSES ||
    !classes.every((name) => typeof name === 'string')
  ) {
    throw file.fault(
      'load',
      `classes must list the names of 2 to ${MOST_CLASSES} classes, not ${show(classes)}`,
    );
  }
  const made = assemble({
    title: typeof parts['title'] === 'string' ? parts['title'] : title,
    division: typeof parts['division'] === 'string' ? parts['division'] : `as ${basename(file.path)} divides`,
    shape,
    classes: classes,
    train: checkSet(file, 'train', parts['train'], shape, classes.length),
    test: checkSet(file, 'test', parts['test'], shape, classes.length),
  });
  const { normalisation } = parts;
  return normalisation === undefined
    ? made
    : { ...made, normalisation: checkNormalisation(file, normalisation, shape[2]) };
}

function checkShape(file: OwnFile, shape: unknown): Dataset['shape'] {
  const sides: unknown[] = Array.isArray(shape) ? shape : [];
  if (sides.length === 3 && sides.every((side) => Number.isSafeInteger(side) && (side as number) > 0)) {
    return sides as [number, number, number];
  }
  throw file.fault('load', `shape must be [height, width, channels], not ${show(shape)}`);
}

function checkSet(
  file: OwnFile,
  name: 'train' | 'test',
  set: unknown,
  shape: Dataset['shape'],
  classes: number,
): ImageSet {
  const wrong = (message: string): Error => file.fault('load', `${name}${message}`);
  if (typeof set !== 'object' || set === null) {
    throw wrong(` must be { count, images, labels }, not ${nameOf(set)}`);
  }
  const { count, images, labels } = set as Exported;
  if (!Number.isSafeInteger(count) || (count as number) < 1) {
    throw wrong(`.count must be the number of images, not ${show(count)}`);
  }
  if (!(images instanceof Uint8Array)) throw wrong(`.images must be a Uint8Array, not ${nameOf(images)}`);
  if (!(labels instanceof Uint8Array)) throw wrong(`.labels must be a Uint8Array, not ${nameOf(labels)}`);
  const expected = (count as number) * shape[0] * shape[1] * shape[2];
  if (images.length !== expected) {
    throw wrong(
      `.images has ${images.length} bytes; ${show(count)} images of ${shape.join('×')} are ${expected}`,
    );
  }
  if (labels.length !== count) {
    throw wrong(`.labels has ${labels.length} entries; there are ${show(count)} images`);
  }
  const odd = labels.findIndex((label) => label >= classes);
  if (odd >= 0)
    throw wrong(
      `.labels[${odd}] is ${labels[odd]}; with ${classes} classes labels go from 0 to ${classes - 1}`,
    );
  return { count: count, images: shared(images), labels: shared(labels) };
}

/** In memory that threads share. */
function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = sharedBytes(bytes.length);
  copy.set(bytes);
  return copy;
}

function checkNormalisation(
  file: OwnFile,
  normalisation: unknown,
  channels: number,
): Dataset['normalisation'] {
  const { mean, deviation } = (normalisation ?? {}) as Exported;
  const fits = (list: unknown, least: number): boolean =>
    Array.isArray(list) &&
    list.length === channels &&
    list.every((each) => typeof each === 'number' && Number.isFinite(each) && each >= least);
  const positive = Array.isArray(deviation) && deviation.every((each) => (each as number) > 0);
  if (!fits(mean, 0) || !fits(deviation, 0) || !positive) {
    throw file.fault(
      'load',
      `normalisation must be { mean, deviation }, lists of ${channels} numbers on the scale 0 … 1, deviations above 0; not ${show(normalisation)}`,
    );
  }
  return { mean: mean as number[], deviation: deviation as number[] };
}
