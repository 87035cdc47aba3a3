import { defineCriterion } from 'swamp-studio';

/**
 * Magnitude relative to the layer: |θ| over the mean magnitude of its tensor, so that layers of small weights are not
 * pruned first. `{ "kind": "./my-criterion.ts", "strength": 1 }`; strength 0 is plain magnitude.
 */
export default defineCriterion({
  kind: 'layer-magnitude',
  title: 'Magnitude relative to the layer',
  options: { strength: 1 },
  score({ strength }, { weights, layout }) {
    const scores = new Float32Array(layout.total);
    for (const { offset, size } of layout.parameters) {
      const layer = weights.subarray(offset, offset + size);
      const mean = layer.reduce((sum, weight) => sum + Math.abs(weight), 0) / size;
      // A tensor of zeros has nothing to compare with.
      const scale = mean > 0 ? mean ** strength : 1;
      for (let i = 0; i < size; i++) scores[offset + i] = Math.abs(layer[i] as number) / scale;
    }
    return scores;
  },
});
