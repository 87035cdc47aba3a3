import { z } from 'zod';
import type { OwnFile } from './fault.ts';

/** Whatever a file exports by default, with its members not looked at yet. */
export type Exported = Readonly<Record<string, unknown>>;

/** Defaults of options: their types are those of the options. */
type Value = number | boolean | string | readonly Value[];

/** The parts that every definition has. */
export interface Basics {
  readonly kind: string;
  readonly schema: z.ZodType<{ kind: string }>;
}

/**
 * Reads `kind` and the options: `schema`, as the program's own definitions have it, or `options`, an object with the
 * default of each.
 * @param taken kinds of the program's own
 */
export function readBasics(file: OwnFile, exported: unknown, taken: Iterable<string>): Basics & Exported {
  const { thing } = file;
  if (exported === undefined) {
    throw file.fault('', `it has no default export; end it with: export default { kind: 'my-${thing}', … }`);
  }
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) {
    throw file.fault('export default', `its default export must be an object, not ${nameOf(exported)}`);
  }
  const members = exported as Exported;
  const { kind } = members;
  if (typeof kind !== 'string' || !/^[a-z0-9][\w-]*$/i.test(kind)) {
    throw file.fault('kind', `kind must be a name of letters, digits, - and _, not ${show(kind)}`);
  }
  if ([...taken].includes(kind)) {
    throw file.fault('kind', `kind ${show(kind)} is that of a ${thing} of the program; choose another`);
  }
  return { ...members, kind, schema: schemaOf(file, kind, members) };
}

function schemaOf(file: OwnFile, kind: string, { schema, options }: Exported): Basics['schema'] {
  if (schema !== undefined && options !== undefined) {
    throw file.fault('options', 'give either schema or options, not both');
  }
  if (schema === undefined) return defaultsSchema(file, kind, options ?? {});
  if (!(schema instanceof z.ZodType)) {
    throw file.fault('schema', `schema must be a zod object with kind: z.literal(${show(kind)})`);
  }
  const tried = schema.safeParse({ kind });
  const refused = tried.error?.issues.some(
    (issue) =>
      (issue.code === 'unrecognized_keys' && issue.keys.includes('kind')) ||
      (issue.path.length === 1 && issue.path[0] === 'kind'),
  );
  if (refused === true) {
    throw file.fault('schema', `schema must have the key kind: z.literal(${show(kind)})`);
  }
  return schema as Basics['schema'];
}

/** Options that are as their defaults are: a whole number stays free to be a fraction. */
function defaultsSchema(file: OwnFile, kind: string, options: unknown): Basics['schema'] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw file.fault('options', `options must be an object with the default of each, not ${nameOf(options)}`);
  }
  const shape: Record<string, z.ZodType> = {};
  for (const [name, value] of Object.entries(options)) {
    if (name === 'kind' || name === 'own') throw file.fault('options', `no option may be called ${name}`);
    const type = typeOf(value);
    if (type === null) {
      throw file.fault(
        'options',
        `options.${name} is ${show(value)}; defaults are numbers, text, true, false, or lists of one of these; give a schema for anything else`,
      );
    }
    shape[name] = type.default(value as never);
  }
  return z.strictObject({ kind: z.literal(kind), ...shape });
}

function typeOf(value: unknown): z.ZodType<Value> | null {
  if (typeof value === 'number') return Number.isFinite(value) ? z.number() : null;
  if (typeof value === 'boolean') return z.boolean();
  if (typeof value === 'string') return z.string();
  if (!Array.isArray(value) || value.length === 0) return null;
  const element = typeOf(value[0]);
  return element && value.every((each) => element.safeParse(each).success) ? z.array(element) : null;
}

/** A member that must be a function; called as a method of what is exported. */
export function requireFunction(file: OwnFile, members: Exported, name: string, signature: string): void {
  if (typeof members[name] === 'function') return;
  throw file.fault(name, `${name} must be a function ${signature}, not ${nameOf(members[name])}`);
}

/** For messages: a value, short. */
export function show(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : JSON.stringify(value);
  return text === undefined ? 'missing' : text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** For messages: what a value is. */
export function nameOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return typeof value === 'function' ? 'a function' : show(value);
  return `a ${value.constructor.name}`;
}
