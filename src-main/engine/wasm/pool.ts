import type * as tfjs from '@tensorflow/tfjs-core';
import type { AvgPoolGradAttrs, KernelFunc, Tensor4D } from '@tensorflow/tfjs-core';
import type { WasmBackend } from './load.ts';

/**
 * Gradient of an average pool: each window's share goes back to those of its pixels that lie in the image. tfjs's own
 * kernel divides by the whole window at the border as well, where the pool itself, like TensorFlow's, does not.
 */
export function averagePoolGradient(tf: typeof tfjs): KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const { dy, input } = inputs as { dy: Tensor4D; input: Tensor4D };
    const { filterSize, strides, pad } = attrs as unknown as AvgPoolGradAttrs;
    const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad);
    const wasm = backend as unknown as WasmBackend;
    const made = wasm.makeOutput(input.shape, 'float32');
    const from = wasm.typedArrayFromHeap(dy);
    const to = wasm.typedArrayFromHeap(made).fill(0);
    const { batchSize, inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
    const range = (out: number, stride: number, before: number, size: number, length: number) => {
      const start = out * stride - before;
      return [Math.max(0, start), Math.min(length, start + size)] as const;
    };
    let at = 0;
    for (let image = 0; image < batchSize; image++)
      for (let row = 0; row < outHeight; row++) {
        const [top, bottom] = range(row, info.strideHeight, info.padInfo.top, info.filterHeight, inHeight);
        for (let column = 0; column < outWidth; column++, at += channels) {
          const [left, right] = range(column, info.strideWidth, info.padInfo.left, info.filterWidth, inWidth);
          const share = 1 / ((bottom - top) * (right - left));
          for (let y = top; y < bottom; y++)
            for (let x = left; x < right; x++) {
              const pixel = ((image * inHeight + y) * inWidth + x) * channels;
              for (let channel = 0; channel < channels; channel++)
                to[pixel + channel] =
                  (to[pixel + channel] as number) + (from[at + channel] as number) * share;
            }
        }
      }
    return made;
  };
}
