import type { z } from 'zod';

/** The parts of a zod definition that lead to object keys. */
interface Definition {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly element?: z.core.$ZodType;
  readonly items?: readonly z.core.$ZodType[];
  readonly options?: readonly z.core.$ZodType[];
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
}

/** Schemas one step further along a path; a union or a wrapper can lead to several. */
function step(schema: z.core.$ZodType, part: PropertyKey): readonly z.core.$ZodType[] {
  const found: z.core.$ZodType[] = [];
  for (const bare of unwrap(schema)) {
    const { shape, element, items } = bare._zod.def as Definition;
    const next = typeof part === 'number' ? (element ?? items?.[part]) : shape?.[String(part)];
    if (next) found.push(next);
  }
  return found;
}

/** Without defaults, optionals and pipes; each option of a union. */
function unwrap(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const definition = schema._zod.def as Definition;
  if (definition.options) return definition.options.flatMap(unwrap);
  const inner = definition.innerType ?? definition.in;
  return inner ? unwrap(inner) : [schema];
}

/** Keys a schema knows in the object at a path, so that an error can name the one that was meant. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let schemas: readonly z.core.$ZodType[] = [schema];
  for (const part of path) schemas = schemas.flatMap((each) => step(each, part));
  const keys = schemas
    .flatMap(unwrap)
    .flatMap((each) => Object.keys((each._zod.def as Definition).shape ?? {}));
  return [...new Set(keys)];
}
