import type { Tensor } from '@tensorflow/tfjs-core';
import { fused, type Native, type View } from './fused.ts';

// Batch normalisation over the last axis, the channels. Sums are float64: a float32 sum over a batch of images would lose
// what the variance is made of.

const channelsOf = ({ shape }: Tensor): number => shape.at(-1) ?? 0;

/** Mean and biased variance (divided by n) of each channel. */
export function batchStatistics(native: Native, x: Tensor): [mean: Tensor, variance: Tensor] {
  const channels = channelsOf(x);
  return fused(native, [x], [[channels], [channels]], ([x = none], outputs) => {
    const [mean, variance] = outputs as [View, View];
    const count = x.length / channels;
    const sums = new Float64Array(channels);
    const squares = new Float64Array(channels);
    for (let at = 0; at < x.length;)
      for (let channel = 0; channel < channels; channel++, at++) {
        const value = x[at] as number;
        sums[channel] = (sums[channel] as number) + value;
        squares[channel] = (squares[channel] as number) + value * value;
      }
    for (let channel = 0; channel < channels; channel++) {
      const middle = (sums[channel] as number) / count;
      mean[channel] = middle;
      // Not below zero, whatever rounding makes of a channel that is constant.
      variance[channel] = Math.max(0, (squares[channel] as number) / count - middle * middle);
    }
  }) as [Tensor, Tensor];
}

/** scale · (x − mean) / √(variance + ε) + offset, as one factor and one shift a channel. */
export function normaliseChannels(
  native: Native,
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
): Tensor {
  const channels = channelsOf(x);
  const [made] = fused(native, [x, scale, offset, mean, variance], [x.shape], (inputs, outputs) => {
    const [x, scale, offset, mean, variance] = inputs as [View, View, View, View, View];
    const [y] = outputs as [View];
    const factors = new Float64Array(channels);
    const shifts = new Float64Array(channels);
    for (let channel = 0; channel < channels; channel++) {
      const factor = (scale[channel] as number) / Math.sqrt((variance[channel] as number) + epsilon);
      factors[channel] = factor;
      shifts[channel] = (offset[channel] as number) - (mean[channel] as number) * factor;
    }
    for (let at = 0; at < y.length;)
      for (let channel = 0; channel < channels; channel++, at++)
        y[at] = (x[at] as number) * (factors[channel] as number) + (shifts[channel] as number);
  });
  return made as Tensor;
}

/**
 * With x̂ = (x − mean) · r, r = 1/√(variance + ε) and n values a channel: ∂offset = Σ dy, ∂scale = Σ dy·x̂,
 * ∂x = scale · r · (dy − ∂offset/n − x̂ · ∂scale/n).
 *
 * @returns the gradients of x, scale and offset
 */
export function batchNormGradient(
  native: Native,
  dy: Tensor,
  x: Tensor,
  scale: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
): Tensor[] {
  const channels = channelsOf(x);
  const shapes = [x.shape, [channels], [channels]];
  return fused(native, [dy, x, scale, mean, variance], shapes, (inputs, outputs) => {
    const [dy, x, scale, mean, variance] = inputs as [View, View, View, View, View];
    const [dx, dScale, dOffset] = outputs as [View, View, View];
    const count = x.length / channels;
    const sums = new Float64Array(channels);
    const products = new Float64Array(channels);
    for (let at = 0; at < x.length;)
      for (let channel = 0; channel < channels; channel++, at++) {
        const value = dy[at] as number;
        sums[channel] = (sums[channel] as number) + value;
        products[channel] = (products[channel] as number) + value * (x[at] as number);
      }
    // ∂x as a·dy + b·x + c of each channel.
    const [a, b, c] = [0, 1, 2].map(() => new Float64Array(channels)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let channel = 0; channel < channels; channel++) {
      const middle = mean[channel] as number;
      const sum = sums[channel] as number;
      const inverse = 1 / Math.sqrt((variance[channel] as number) + epsilon);
      const byScale = ((products[channel] as number) - middle * sum) * inverse;
      const factor = (scale[channel] as number) * inverse;
      dOffset[channel] = sum;
      dScale[channel] = byScale;
      a[channel] = factor;
      b[channel] = (-factor * inverse * byScale) / count;
      c[channel] = (-factor * sum) / count - (b[channel] as number) * middle;
    }
    for (let at = 0; at < x.length;)
      for (let channel = 0; channel < channels; channel++, at++)
        dx[at] =
          (a[channel] as number) * (dy[at] as number) +
          (b[channel] as number) * (x[at] as number) +
          (c[channel] as number);
  });
}

const none = new Float32Array(0);
