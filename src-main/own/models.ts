import { z } from 'zod';
import { Recipe, Swa, Ticket } from '../contract/recipe.ts';
import type { ModelDefaults, ModelDefinition } from '../models/model.ts';
import { models } from '../models/registry.ts';
import { nameOf, readBasics, requireFunction, show, type Exported } from './definition.ts';
import { OwnFile } from './fault.ts';
import type { LoadedCode } from './load.ts';

/** What a definition's members are called with, once they are known to be there. */
interface Members {
  title(options: unknown): unknown;
  forward(net: unknown, images: unknown, options: unknown, classes: number): unknown;
}

/** What a model file exports, as a definition like the program's own, its every answer looked at. */
export function ownModel({ file: path, text, exported }: LoadedCode): ModelDefinition {
  const file = new OwnFile('model', path, text);
  const basics = readBasics(file, exported, models.keys());
  requireFunction(file, basics, 'forward', '(net, images, options, classes)');
  const { kind, schema, title = kind } = basics;
  if (typeof title !== 'string' && typeof title !== 'function') {
    throw file.fault('title', `title must be text or a function of the options, not ${nameOf(title)}`);
  }
  const members = exported as Members;
  return {
    kind,
    schema,
    defaults: readDefaults(file, basics),
    title(options) {
      if (typeof title === 'string') return title;
      const made = file.call(() => members.title(options));
      if (typeof made === 'string' && made !== '') return made;
      throw file.fault('title', `title must give text, not ${nameOf(made)}`);
    },
    forward<T>(net: unknown, images: T, options: unknown, classes: number): T {
      const logits = file.call(() => members.forward(net, images, options, classes));
      checkLogits(file, images, logits, classes);
      return logits as T;
    },
  };
}

/** Shape without the batch of what flows through a model: bare, or of a tensor. */
function shapeOf(value: unknown): readonly number[] | null {
  if (Array.isArray(value)) return value as number[];
  const shape = typeof value === 'object' && value !== null && 'shape' in value ? value.shape : null;
  return Array.isArray(shape) ? (shape.slice(1) as number[]) : null;
}

function checkLogits(file: OwnFile, images: unknown, logits: unknown, classes: number): void {
  const shape = shapeOf(logits);
  if (shape === null) {
    throw file.fault('forward', `forward must return what the last layer gave, not ${nameOf(logits)}`);
  }
  if (shape.length === 1 && shape[0] === classes) return;
  throw file.fault(
    'forward',
    `forward returned [${['batch', ...shape].join(', ')}] for images of [${['batch', ...(shapeOf(images) ?? [])].join(', ')}]; expected logits [batch, ${classes}], one for each class`,
  );
}

const Defaults = z.strictObject({
  recipe: z.looseObject(Recipe.partial().shape).default({}),
  ticket: Ticket.optional(),
  swa: Swa.partial().default({}),
});

/** The recipe that goes with a model; what it leaves out the experiment file must give. */
function readDefaults(file: OwnFile, { defaults = {} }: Exported): ModelDefaults {
  const read = Defaults.safeParse(defaults);
  if (read.success) return defaults as ModelDefaults;
  const [issue] = read.error.issues;
  const where = ['defaults', ...(issue?.path ?? [])].join('.');
  throw file.fault('defaults', `${where}: ${issue?.message ?? 'is wrong'} (${show(defaults)})`);
}
