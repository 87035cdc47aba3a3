import { isRecord } from './paths.ts';

/** What the host sends of a registry entry's options: JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export type Scalar = string | number | boolean;

/** A setting as a form shows it. */
export interface Field {
  readonly key: string;
  readonly kind: FieldKind;
  /** In force where the setting is left out; `undefined`: nothing is. */
  readonly fallback: unknown;
  /** It must be given. */
  readonly required: boolean;
  /** What it is called and what it is, as the schema says it; often empty. */
  readonly title: string;
  readonly about: string;
}

export type FieldKind =
  | { readonly type: 'number'; readonly whole: boolean; readonly range: string }
  | { readonly type: 'text' }
  | { readonly type: 'switch' }
  | { readonly type: 'choice'; readonly values: readonly Scalar[] }
  /** Several values that belong together: units of layers, milestones. */
  | { readonly type: 'list'; readonly of: 'number' | 'text' }
  /** A number, a word or a short list: `epoch` or 200; 32 or 24, 32. */
  | { readonly type: 'mixed'; readonly words: readonly string[] }
  /** A number, or steps by round or by sparsity (SWAMP+). */
  | { readonly type: 'particles' }
  | { readonly type: 'group'; readonly fields: readonly Field[] }
  /** A choice from a registry with options of its own. */
  | { readonly type: 'spec' }
  /** Anything else: written as JSON. */
  | { readonly type: 'json' };

/** The settings that an object's schema has. @param leaveOut keys that are shown elsewhere, or not at all */
export function fieldsOf(schema: JsonSchema, leaveOut: readonly string[] = ['kind']): Field[] {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties)
    .filter(([key]) => !leaveOut.includes(key))
    .map(([key, own]) => {
      const of = isRecord(own) ? own : {};
      const about = textAt(of, 'description');
      const title = textAt(of, 'title');
      return {
        ...{ key, kind: kindOf(of), fallback: of['default'], required: required.includes(key) },
        ...{ title, about },
      };
    });
}

function textAt(schema: JsonSchema, key: string): string {
  const value = schema[key];
  return typeof value === 'string' ? value : '';
}

function kindOf(schema: JsonSchema): FieldKind {
  const choices = choicesOf(schema);
  if (choices !== null) return { type: 'choice', values: choices };
  switch (schema['type']) {
    case 'boolean':
      return { type: 'switch' };
    case 'number':
    case 'integer':
      return { type: 'number', whole: schema['type'] === 'integer', range: rangeOf(schema) };
    case 'string':
      return { type: 'text' };
    case 'array':
      return listOf(schema);
    case 'object':
      return objectOf(schema);
  }
  const options = optionsOf(schema);
  if (options.length === 0) return { type: 'json' };
  if (options.some(isSteps)) return { type: 'particles' };
  const plain = options.every((option) => isScalar(option) || kindOf(option).type === 'list');
  if (!plain) return { type: 'json' };
  return { type: 'mixed', words: options.flatMap((option) => choicesOf(option) ?? []).map(String) };
}

function optionsOf(schema: JsonSchema): JsonSchema[] {
  const options = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(options) ? options.filter(isRecord) : [];
}

function choicesOf(schema: JsonSchema): Scalar[] | null {
  if (Array.isArray(schema['enum'])) return schema['enum'] as Scalar[];
  if ('const' in schema) return [schema['const'] as Scalar];
  const options = optionsOf(schema);
  if (options.length === 0) return null;
  const values = options.map(choicesOf);
  return values.every((each) => each !== null) ? values.flat() : null;
}

function isScalar(schema: JsonSchema): boolean {
  return ['number', 'integer', 'string'].includes(String(schema['type']));
}

/** A list of objects that say how many particles from where on. */
function isSteps(schema: JsonSchema): boolean {
  const items = schema['items'];
  return isRecord(items) && isRecord(items['properties']) && 'particles' in items['properties'];
}

function listOf(schema: JsonSchema): FieldKind {
  const tuple = schema['prefixItems'];
  const items: unknown = Array.isArray(tuple) ? tuple[0] : schema['items'];
  if (!isRecord(items) || !isScalar(items)) return { type: 'json' };
  return { type: 'list', of: items['type'] === 'string' ? 'text' : 'number' };
}

function objectOf(schema: JsonSchema): FieldKind {
  const open = schema['additionalProperties'];
  if (isRecord(open) || open === true) return { type: 'spec' };
  return { type: 'group', fields: fieldsOf(schema) };
}

/** `1 … 64`, `above 0, below 1`; empty where all numbers will do. */
function rangeOf(schema: JsonSchema): string {
  const at = (key: string): number | null => {
    const value = schema[key];
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null;
  };
  const [least, above] = [at('minimum'), at('exclusiveMinimum')];
  const [most, below] = [at('maximum'), at('exclusiveMaximum')];
  if (least !== null && most !== null) return `${least} … ${most}`;
  const low = least !== null ? `at least ${least}` : above !== null ? `above ${above}` : '';
  const high = most !== null ? `at most ${most}` : below !== null ? `below ${below}` : '';
  return [low, high].filter((part) => part !== '').join(', ');
}
