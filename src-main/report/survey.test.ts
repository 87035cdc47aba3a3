import { expect, test } from 'vitest';
import type { Survey } from '../contract/survey.ts';
import { surveyHtml, surveyText } from './survey.ts';

const survey: Survey = {
  kind: 'images',
  title: 'Images in "pets"',
  shape: [2, 3, 1],
  division: 'test/',
  split: { validation: 0.25, seed: 1 },
  classes: [
    { name: '<a> & b', training: 12_000, validation: 3, test: 2 },
    { name: 'c', training: 4, validation: 3, test: 2 },
  ],
  images: { training: 12_004, validation: 6, test: 4 },
  normalisation: { mean: [0.5], deviation: [0.25] },
  duplicates: { test: 3, otherClass: 1, training: 2 },
  files: {
    ignored: [{ what: '.txt files', count: 3 }],
    broken: Array.from({ length: 12 }, (_, i) => ({ file: `f${i}.png`, reason: 'it is empty' })),
    cached: false,
  },
  digest: 'abc',
};

test('the text has counts by class, duplicates, and the first ten broken files', () => {
  const text = surveyText(survey);
  expect(text).toContain('3 test images are also training images (1 of them under another class)');
  expect(text).toContain('25 % of the training set');
  expect(text).toMatch(/^ignored +3 \.txt files$/m);
  expect(text).toMatch(/ {2}f9\.png: it is empty\n {2}and 2 more/);
  expect(text).toMatch(/^all +12,004 +6 +4$/m);
});

test('the page escapes names and holds the images', () => {
  const png = Buffer.from('png');
  const page = surveyHtml(survey, [{ name: '<a> & b', png, width: 6, height: 2 }]);
  expect(page).not.toContain('<a>');
  expect(page).toContain('&#60;a&#62; &#38; b');
  expect(page).toContain(`src="data:image/png;base64,${png.toString('base64')}" width="6" height="2"`);
});
