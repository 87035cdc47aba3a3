import { expect, it } from 'vitest';
import { nearest, suggestion } from './nearest.ts';

it('finds the word that was meant', () => {
  const keys = ['learningRate', 'epochs', 'batch', 'warmup'];
  expect(nearest('epoch', keys)).toBe('epochs');
  expect(nearest('epcohs', keys)).toBe('epochs');
  expect(nearest('learningrate', keys)).toBe('learningRate');
  expect(nearest('learning', keys)).toBe('learningRate');
  expect(nearest('banana', keys)).toBeUndefined();
  expect(nearest('x', keys)).toBeUndefined();
});

it('lists everything where nothing is near', () => {
  expect(suggestion('bacth', ['batch', 'epochs'], 'keys')).toBe('did you mean "batch"?');
  expect(suggestion('banana', ['batch', 'epochs'], 'keys')).toBe('known keys: batch, epochs');
});
