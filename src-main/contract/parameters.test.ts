import { describe, expect, it } from 'vitest';
import { layOut, type Parameter } from './parameters.ts';

const parameters: Parameter[] = [
  { name: 'conv/kernel', shape: [3, 3, 2, 4], role: 'kernel', classifier: false },
  { name: 'conv/bn/scale', shape: [4], role: 'scale', classifier: false },
  { name: 'dense/kernel', shape: [4, 5], role: 'kernel', classifier: false },
  { name: 'dense/bias', shape: [5], role: 'bias', classifier: false },
  { name: 'words', shape: [10, 3], role: 'embedding', classifier: false },
  { name: 'classifier/kernel', shape: [5, 2], role: 'kernel', classifier: true },
];
const [CONV, DENSE, WORDS, CLASSIFIER] = [72, 20, 30, 10];

describe('the denominator is what the chosen sets hold, and is called so', () => {
  it.each([
    [true, true, false, false, CONV + DENSE, 'all kernels but the classifier'],
    [true, true, true, false, CONV + DENSE + CLASSIFIER, 'all kernels'],
    [true, false, false, false, CONV, 'convolution kernels'],
    [false, true, false, false, DENSE, 'dense kernels but the classifier'],
    [false, true, true, false, DENSE + CLASSIFIER, 'dense kernels'],
    [true, false, true, false, CONV + CLASSIFIER, 'convolution kernels and the classifier'],
    [false, false, true, false, CLASSIFIER, 'the classifier'],
    [false, false, false, true, WORDS, 'embeddings'],
    [true, true, true, true, CONV + DENSE + CLASSIFIER + WORDS, 'all kernels and embeddings'],
    [
      true,
      false,
      true,
      true,
      CONV + CLASSIFIER + WORDS,
      'convolution kernels, the classifier and embeddings',
    ],
    [false, false, false, false, 0, 'no weights'],
  ])(
    'convolutions %s, dense %s, classifier %s, embeddings %s: %d, %s',
    (convolutions, dense, classifier, embeddings, weights, words) => {
      const layout = layOut(parameters, classifier, { convolutions, dense, embeddings });
      expect([layout.prunable, layout.denominator]).toEqual([weights, words]);
      const marked = layout.parameters.filter(({ prunable }) => prunable);
      expect(marked.reduce((sum, { size }) => sum + size, 0)).toBe(weights);
      expect(marked.every(({ role }) => role === 'kernel' || role === 'embedding')).toBe(true);
    },
  );

  it('leaves embeddings alone where nobody asks for them', () => {
    expect(layOut(parameters, false)).toEqual(
      layOut(parameters, false, { convolutions: true, dense: true, embeddings: false }),
    );
  });

  it('names no set that the model does not have', () => {
    const dense = parameters.filter(({ name }) => name.startsWith('dense') || name.startsWith('classifier'));
    expect(layOut(dense, false).denominator).toBe('all kernels but the classifier');
    expect(layOut(dense, true, { convolutions: true, dense: false, embeddings: true }).denominator).toBe(
      'the classifier',
    );
  });
});
