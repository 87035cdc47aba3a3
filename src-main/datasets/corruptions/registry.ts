import { registry } from '../../contract/registry.ts';
import { brightness } from './brightness.ts';
import { contrast } from './contrast.ts';
import type { Corruption } from './corruption.ts';
import { defocusBlur } from './defocus-blur.ts';
import { elasticTransform } from './elastic-transform.ts';
import { fog } from './fog.ts';
import { frost } from './frost.ts';
import { gaussianNoise } from './gaussian-noise.ts';
import { glassBlur } from './glass-blur.ts';
import { impulseNoise } from './impulse-noise.ts';
import { jpegCompression } from './jpeg-compression.ts';
import { motionBlur } from './motion-blur.ts';
import { pixelate } from './pixelate.ts';
import { shotNoise } from './shot-noise.ts';
import { snow } from './snow.ts';
import { zoomBlur } from './zoom-blur.ts';

/**
 * The corruptions of CIFAR-10-C (Hendrycks and Dietterich 2019) in its order and with its constants, which are for images of 32×32: a new one is a
 * file in this folder and an entry here.
 */
export const corruptions = registry<Corruption>(
  gaussianNoise,
  shotNoise,
  impulseNoise,
  defocusBlur,
  glassBlur,
  motionBlur,
  zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elasticTransform,
  pixelate,
  jpegCompression,
);
