import { z } from 'zod';

/** What is in a data set, as `swamp data check` tells it. */
export const Survey = z.object({
  kind: z.string(),
  title: z.string(),
  /** Height, width, channels. */
  shape: z.tuple([z.number(), z.number(), z.number()]),
  /** Where the test set is from. */
  division: z.string(),
  /** The validation images are drawn from the training set. */
  split: z.object({ validation: z.number(), seed: z.number() }),
  /** Images of each class, in the order of the labels. */
  classes: z.array(
    z.object({ name: z.string(), training: z.number(), validation: z.number(), test: z.number() }),
  ),
  images: z.object({ training: z.number(), validation: z.number(), test: z.number() }),
  /** Per channel on the scale 0 … 1, over all images that are not test images. */
  normalisation: z.object({ mean: z.array(z.number()), deviation: z.array(z.number()) }),
  /** Images whose every pixel is that of another. */
  duplicates: z.object({
    /** Test images that are also training images, and those of them that there have another class only. */
    test: z.number(),
    otherClass: z.number(),
    /** Training images that an earlier one equals. */
    training: z.number(),
  }),
  /** Files that are not in the data set; `null` where images are not files of their own. */
  files: z
    .object({
      ignored: z.array(z.object({ what: z.string(), count: z.number() })),
      broken: z.array(z.object({ file: z.string(), reason: z.string() })),
      /** Whether decoded pixels were there from an earlier time. */
      cached: z.boolean(),
    })
    .nullable(),
  /** SHA-256 of images and labels. */
  digest: z.string(),
});
export type Survey = z.infer<typeof Survey>;
