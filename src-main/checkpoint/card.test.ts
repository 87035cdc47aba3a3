import { expect, test } from 'vitest';
import type { Digest } from '../contract/ids.ts';
import { modelCard, type ModelCard } from './card.ts';

const card: ModelCard = {
  title: 'swamp(2) on digits',
  dataset: {
    title: 'Digits | small',
    digest: 'd'.repeat(64),
    shape: [8, 8, 1],
    classes: ['zero', 'one'],
    normalisation: { mean: [0.5], deviation: [0.25] },
  },
  split: { validation: 0.1, seed: 1, digest: 'e'.repeat(64) },
  model: { title: 'Tiny', settings: [['width', '4']], epsilon: 0.00001, padding: 'none' },
  parameters: [
    { name: 'a/kernel', shape: [3, 3, 1, 4], role: 'kernel', alive: 9 },
    { name: 'a/scale', shape: [4], role: 'scale', alive: null },
    { name: 'b/kernel', shape: [2, 2], role: 'kernel', alive: 0 },
    { name: 'classifier/kernel', shape: [4, 2], role: 'kernel', alive: null },
  ],
  denominator: { words: 'all kernels but the classifier', weights: 40 },
  metrics: {
    validation: { accuracy: 0.9, nll: 0.3, ece: 0.01 },
    test: { accuracy: 0.875, nll: 0.4, ece: 0.02 },
  },
  recipe: [['batch', '128']],
  origin: {
    experiment: 'demo-12ab',
    run: 'demo-12ab/swamp-2/1',
    arm: 'swamp(2)',
    seed: 1,
    start: [],
    round: 4,
    solution: 'average of 2 particles',
  },
  file: {
    name: 'm.safetensors',
    format: 'safetensors',
    bytes: 1234,
    digest: 'f'.repeat(64) as Digest,
    masks: true,
  },
  software: [['TensorFlow', '2.21.0']],
};

test('says what the figures are fractions of, and counts exactly', () => {
  const text = modelCard(card);
  expect(text).toContain(
    '**77.50 % of the prunable weights are pruned**: 31 of 40, counted over\nall kernels but the classifier',
  );
  expect(text).toContain('Of all 52 trainable parameters that is 59.62 %');
  expect(text).toContain('| `a/kernel` | `[3, 3, 1, 4]` | kernel | 36 | 9 | 25.00 % |');
  expect(text).toContain('| `a/scale` | `[4]` | scale | 4 |  | not prunable |');
});

test('a layer pruned to nothing is said aloud', () => {
  expect(modelCard(card)).toContain('**Pruned to nothing: `b/kernel`.**');
});

test('gives quality, origin, file, layouts and software', () => {
  const text = modelCard(card);
  for (const part of [
    '| validation | 90.00 % | 0.3000 | 0.0100 |',
    '| test | 87.50 % | 0.4000 | 0.0200 |',
    '`demo-12ab/swamp-2/1`',
    '1,234 bytes',
    'f'.repeat(64),
    'HWIO',
    'ε = 0.00001',
    '`mask/<name of the weight tensor>`',
    '| TensorFlow | 2.21.0 |',
    '10.00 % of the training set',
  ])
    expect(text).toContain(part);
});

test('text from outside cannot break a table', () => {
  expect(modelCard(card)).toContain('| data set | Digits \\| small |');
});

test('leaves out what there is not', () => {
  const text = modelCard({
    ...card,
    model: { ...card.model, epsilon: null },
    metrics: { ...card.metrics, validation: null },
    file: { ...card.file, masks: false },
  });
  expect(text).not.toContain('Batch norm');
  expect(text).toContain('Nothing was held out for validation.');
  expect(text).toContain('The file holds no masks');
});
