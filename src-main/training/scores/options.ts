import { z } from 'zod';
import type { ScoreSize } from './score.ts';

// Options of the methods, which the arms that use them take as their own.

/** Of methods that look at data. */
export const imageOptions = {
  perClass: z.number().int().positive().default(10).meta({
    title: 'images of each class',
    description: 'Training images, not augmented; all of a class that has fewer.',
  }),
  batch: z.number().int().min(2).default(100).meta({
    title: 'images a step',
    description:
      'At most: batch norm normalises by the statistics of a step. Gradients are averaged over the steps.',
  }),
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
  batch: z.number().int().min(2).default(50).meta({
    title: 'images a step',
    description:
      'At most: batch norm normalises by the statistics of a step. The exact product takes about four times the memory of a gradient.',
  }),
  temperature: z.number().positive().default(200).meta({
    title: 'temperature',
    description: "Logits are divided by it before the softmax; 200 is the authors'.",
  }),
};

export const synflowOptions = {
  steps: z.number().int().positive().max(10_000).default(100).meta({
    title: 'steps',
    description: "Masks on the way, at densities that fall by the same factor; 100 is the authors'.",
  }),
};
