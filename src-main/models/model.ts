import type { z } from 'zod';
import type { Recipe, Swa, Ticket } from '../contract/recipe.ts';
import type { Choice } from '../contract/registry.ts';
import type { Layers } from './layers.ts';

/** The field's default recipe for a model (method.md, What to expect). */
export interface ModelDefaults {
  readonly recipe: z.input<typeof Recipe>;
  readonly ticket: Ticket;
  readonly swa: z.input<typeof Swa>;
}

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface ModelDefinition<
  Options extends { kind: string } = { kind: string },
> extends Choice<Options> {
  readonly defaults: ModelDefaults;
  /** For people, for example `ResNet-20 (width 16)`. */
  title(options: Options): string;
  /** Logits [batch, classes] of normalised images [batch, height, width, channels]. */
  forward<T>(net: Layers<T>, images: T, options: Options, classes: number): T;
}
