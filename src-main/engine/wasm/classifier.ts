import type { Tensor } from '@tensorflow/tfjs-core';
import { fused, type Native, type View } from './fused.ts';

export const rows = ({ shape }: Tensor): number => shape[0] ?? 0;

/** Cross-entropy of each row and its gradient, softmax − one-hot; sums in float64. */
export function crossEntropy(native: Native, logits: Tensor, labels: Tensor): [loss: Tensor, grad: Tensor] {
  const [count, classes] = logits.shape as [number, number];
  return fused(native, [logits, labels], [[count], [count, classes]], (inputs, outputs) => {
    const [scores, labels] = inputs as [View, View];
    const [loss, grad] = outputs as [View, View];
    for (let row = 0; row < count; row++) {
      const from = row * classes;
      let highest = -Infinity;
      // Math.max hands on NaN, so that a training that diverged is seen.
      for (let at = from; at < from + classes; at++) highest = Math.max(highest, scores[at] as number);
      let sum = 0;
      for (let at = from; at < from + classes; at++) sum += Math.exp((scores[at] as number) - highest);
      for (let at = from; at < from + classes; at++)
        grad[at] = Math.exp((scores[at] as number) - highest) / sum;
      const own = from + (labels[row] as number);
      grad[own] = (grad[own] as number) - 1;
      loss[row] = Math.log(sum) + highest - (scores[own] as number);
    }
  }) as [Tensor, Tensor];
}

/** The same to a distribution in each row of `targets`; the gradient is softmax − target. */
export function crossEntropyTo(
  native: Native,
  logits: Tensor,
  targets: Tensor,
): [loss: Tensor, grad: Tensor] {
  const [count, classes] = logits.shape as [number, number];
  return fused(native, [logits, targets], [[count], [count, classes]], (inputs, outputs) => {
    const [scores, targets] = inputs as [View, View];
    const [loss, grad] = outputs as [View, View];
    for (let row = 0; row < count; row++) {
      const from = row * classes;
      let highest = -Infinity;
      for (let at = from; at < from + classes; at++) highest = Math.max(highest, scores[at] as number);
      let sum = 0;
      for (let at = from; at < from + classes; at++) sum += Math.exp((scores[at] as number) - highest);
      const logSum = Math.log(sum) + highest;
      let total = 0;
      for (let at = from; at < from + classes; at++) {
        const [score, target] = [scores[at] as number, targets[at] as number];
        grad[at] = Math.exp(score - logSum) - target;
        total += target * (logSum - score);
      }
      loss[row] = total;
    }
  }) as [Tensor, Tensor];
}

/** Rows whose first highest score is at the label; a scalar. */
export function countCorrect(native: Native, logits: Tensor, labels: Tensor): Tensor {
  const [count, classes] = logits.shape as [number, number];
  const [made] = fused(native, [logits, labels], [[]], (inputs, outputs) => {
    const [scores, labels] = inputs as [View, View];
    const [correct] = outputs as [View];
    correct[0] = 0;
    for (let row = 0; row < count; row++) {
      let best = row * classes;
      for (let at = best + 1; at < (row + 1) * classes; at++)
        if ((scores[at] as number) > (scores[best] as number)) best = at;
      if (best - row * classes === labels[row]) correct[0]++;
    }
  });
  return made as Tensor;
}
