import { z } from 'zod';
import type { ScoreSize } from './score.ts';

// Options of the methods, which the arms that use them take as their own.

/** Of methods that look at data. */
export const imageOptions = {
  /** Training images of each class, not augmented; all of a class that has fewer. */
  perClass: z.number().int().positive().default(10),
  /** Images a step at most: batch norm normalises by the statistics of a step. Gradients are averaged over the steps. */
  batch: z.number().int().min(2).default(100),
};
export interface ImageOptions {
  readonly perClass: number;
  readonly batch: number;
}

/** Images that are looked at, in training steps. */
export function imageSteps({ perClass }: ImageOptions, { classes, images, batch }: ScoreSize): number {
  return Math.min(perClass * classes, images) / batch;
}

export const graspOptions = {
  ...imageOptions,
  /** As above; smaller, as the exact product needs about four times the memory of a gradient. */
  batch: z.number().int().min(2).default(50),
  /** Logits are divided by it before the softmax; 200 is the authors'. */
  temperature: z.number().positive().default(200),
};

export const synflowOptions = {
  /** Masks on the way, at densities that fall by the same factor; 100 is the authors'. */
  steps: z.number().int().positive().max(10_000).default(100),
};
