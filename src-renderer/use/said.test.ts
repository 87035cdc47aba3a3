import { expect, test } from 'vitest';
import { imagesOf, networkIn, nothingSaid } from './said.ts';

test('what was left empty is not asked for: the file and its data say it', () => {
  expect(networkIn(' net.npz ', nothingSaid)).toEqual({ file: 'net.npz', names: 'auto' });
  expect(imagesOf('  ', 'test', '\n \n')).toEqual({ split: 'test', set: [] });
});

test('what was said is passed on, each setting by itself', () => {
  const said = { ...nothingSaid, model: 'resnet ', names: 'pytorch', shape: '32x32x3' };
  expect(networkIn('n.safetensors', said)).toEqual({
    file: 'n.safetensors',
    model: 'resnet',
    names: 'pytorch',
    shape: '32x32x3',
  });
  expect(imagesOf('images:/data', 'all', 'dataset.size=32\n\n dataset.fit=contain ')).toEqual({
    data: 'images:/data',
    split: 'all',
    set: ['dataset.size=32', 'dataset.fit=contain'],
  });
});
