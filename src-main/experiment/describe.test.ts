import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import { describeConfig } from './describe.ts';
import { applySet } from './overrides.ts';
import { findPreset } from './presets.ts';

it('says what an experiment is in a few lines', () => {
  const raw = applySet(findPreset('cifar10-small').config, ['dataset.path=/data']);
  const lines = Object.fromEntries(describeConfig(parseConfig(raw)).map(({ label, text }) => [label, text]));
  expect(lines).toMatchObject({
    model: 'ResNet-8 (width 16), He normal initialisation (fan in)',
    ticket: '2 epochs at learning rate 0.1',
    recipe:
      'SGD, learning rate 0.1, cosine (to 0), momentum 0.9, weight decay 0.0005, batch 128, 10 epochs a round, flips, crops of 2 pixels',
    SWA: 'from 50 % of a training on, learning rate 0.05, snapshots each epoch',
    sparsity: 'geometric (fraction 0.4, rounds 7) by magnitude, classifier not pruned',
    arms: 'imp, imp-ensemble(2), swamp(1), swamp(4)',
    seed: '1',
  });
  expect(lines['data']).toMatch(/^cifar10 .*10 % held out for validation$/);
});

it('names the switches of a recipe that are on', () => {
  const settings = [
    'recipe.optimizer={"sharpness":0.05,"nesterov":true,"momentum":0.9}',
    'recipe.labelSmoothing=0.1',
    'recipe.mixup=0.2',
    'recipe.accumulate=4',
    'recipe.augment.cutout=8',
  ];
  const config = parseConfig(applySet({ ...findPreset('demo').config }, settings));
  expect(describeConfig(config).find(({ label }) => label === 'recipe')?.text).toMatch(
    /Nesterov momentum 0.9, .*sharpness-aware \(ρ 0.05\), batch 128 in 4 parts, .*cutout of 8 pixels, mixup \(α 0.2\), label smoothing 0.1$/,
  );
});

it.each([
  [['prunable.dense=false'], 'by magnitude, of convolutions'],
  [['prunable={"convolutions":false}', 'pruneClassifier=true'], 'by magnitude, of dense layers, classifier'],
  [['prunable={}'], 'by magnitude, classifier not pruned'],
  [['prunable.embeddings=true'], 'by magnitude, of convolutions, dense layers, embeddings'],
])('says what is pruned: %j', (settings, expected) => {
  const config = parseConfig(applySet({ ...findPreset('demo').config }, settings));
  expect(describeConfig(config).find(({ label }) => label === 'sparsity')?.text).toContain(expected);
});

it('says nothing of SWA where no arm has it', () => {
  const config = parseConfig({ ...findPreset('demo').config, arms: ['imp'] });
  expect(describeConfig(config).map(({ label }) => label)).not.toContain('SWA');
});
