import sharp from 'sharp';
import { expect, test } from 'vitest';

import { assemble } from './assemble.ts';
import { contactRows, contactSheet } from './contact-sheet.ts';
import type { ImageSet } from './dataset.ts';
import { surveyOf } from './survey.ts';

/** One-pixel grey images. */
const set = (...images: (readonly [label: number, value: number])[]): ImageSet => ({
  count: images.length,
  images: Uint8Array.from(images, ([, value]) => value),
  labels: Uint8Array.from(images, ([label]) => label),
});
const train = Array.from({ length: 20 }, (_, i) => [i % 2, 10 * i] as const);
const dataset = assemble({
  title: 'Points',
  division: 'in files of its own',
  shape: [1, 1, 1],
  classes: ['<a> & "ä"', 'b', 'never'],
  train: set(...train, [0, 0], [1, 0]),
  test: set([0, 0], [1, 0], [0, 10], [1, 255]),
});

test('a survey counts classes, sets and duplicates', () => {
  const survey = surveyOf('points', dataset, { validation: 0.25, seed: 1 });
  expect(survey.images).toEqual({ training: 16, validation: 6, test: 4 });
  expect(survey.classes).toEqual([
    { name: '<a> & "ä"', training: 8, validation: 3, test: 2 },
    { name: 'b', training: 8, validation: 3, test: 2 },
    { name: 'never', training: 0, validation: 0, test: 0 },
  ]);
  // 0 is there three times, once of class b; 10 is only there as class b.
  expect(survey.duplicates).toEqual({ test: 3, otherClass: 1, training: 2 });
});

test('a contact sheet shows training images of each class', async () => {
  const rows = await contactRows(dataset);
  expect(rows.map(({ name }) => name)).toEqual(dataset.classes);
  // Ten of the eleven images of the first class; one pixel becomes 48 × 48.
  const { data, info } = await sharp(rows[0]?.png).greyscale().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([10 * 52 - 4, 48]);
  const shown = Array.from({ length: 10 }, (_, i) => data[24 * info.width + i * 52 + 24]);
  expect(shown).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 180]);
  const sheet = await sharp(await contactSheet(rows)).metadata();
  expect(sheet.height).toBe(3 * 52 + 12);
});
