import type { z } from 'zod';
import { ConfigError } from '../contract/errors.ts';
import type { Choice } from '../contract/registry.ts';
import { suggestion } from './nearest.ts';
import { keysAt } from './schema-keys.ts';

type Path = readonly PropertyKey[];

/** One thing wrong with a configuration. */
export interface Problem {
  readonly path: Path;
  /** What is wrong, with the value, and what is allowed. */
  readonly message: string;
  /** Where the message ends by naming another place, that place. */
  readonly other?: Path | undefined;
  /** The value is of no form that belongs there, or nothing belongs there; a right form with a wrong value is not this. */
  readonly misfit: boolean;
}

/** For people: `arms[1].particles: 0 is out of range; it must be at least 1`. */
export function problemText({ path, message, other }: Pick<Problem, 'path' | 'message' | 'other'>): string {
  const whole = other ? `${message} ${pathText(other)}` : message;
  return path.length > 0 ? `${pathText(path)}: ${whole}` : whole;
}

/** @throws ConfigError naming all problems, where there is any. */
export function refuse(texts: readonly string[], hint: string): void {
  const lines = [...new Set(texts)];
  const [first] = lines;
  if (first === undefined) return;
  const message =
    lines.length === 1 ? first : `${lines.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  throw new ConfigError(message, hint);
}

/** Everything wrong with a configuration, path first, so that one message can say it all. */
export class Problems {
  readonly list: Problem[] = [];

  /** @param message what is wrong, with the value, and what is allowed */
  add(path: Path, message: string, { other, misfit = false }: { other?: Path; misfit?: boolean } = {}): void {
    this.list.push({ path, message, other, misfit });
  }

  /** Reads `raw` by a schema, noting what does not fit; `undefined` where anything did not. */
  check<Output>(schema: z.ZodType<Output>, raw: unknown, path: Path): Output | undefined {
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    for (const issue of result.error.issues) this.#note(schema, raw, issue, path, []);
    return undefined;
  }

  /** Reads a choice from a registry, `{ kind, …options }` or the bare kind. */
  choose(
    registry: ReadonlyMap<string, Choice>,
    thing: string,
    raw: unknown,
    path: Path,
  ): ({ kind: string } & Record<string, unknown>) | undefined {
    const kinds = [...registry.keys()];
    const known = `known ${plural(thing)}: ${kinds.join(', ')}`;
    const spec = typeof raw === 'string' ? { kind: raw } : raw;
    if (!isRecord(spec)) {
      const what = raw === undefined ? 'missing' : `${show(raw)} is no ${thing}`;
      this.add(path, `${what}; ${known}`, { misfit: true });
      return undefined;
    }
    const { kind } = spec;
    const kindPath = typeof raw === 'string' ? path : [...path, 'kind'];
    if (typeof kind !== 'string') {
      const what = kind === undefined ? 'missing' : `${show(kind)} is no ${thing}`;
      this.add(kindPath, `${what}; ${known}`, { misfit: true });
      return undefined;
    }
    const choice = registry.get(kind);
    if (!choice) {
      this.add(kindPath, `there is no ${thing} "${kind}"; ${known}`);
      return undefined;
    }
    const read = this.check(choice.schema, spec, path);
    return isRecord(read) ? { ...read, kind } : undefined;
  }

  #note(schema: z.ZodType<unknown>, raw: unknown, issue: z.core.$ZodIssue, base: Path, within: Path): void {
    const inside = [...within, ...issue.path];
    const path = [...base, ...inside];
    const value = valueAt(raw, inside);
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, inside);
      for (const key of issue.keys) {
        this.add([...path, key], `unknown key; ${suggestion(key, known, 'keys')}`, { misfit: true });
      }
    } else if (issue.code === 'invalid_union') {
      const branch = issue.errors.find((issues) => issues.length > 0 && issues.every(fitsShape));
      if (branch) for (const inner of branch) this.#note(schema, raw, inner, base, inside);
      else this.add(path, `${subject(value)} ${unionText(issue.errors)}`, { misfit: true });
    } else {
      const misfit = issue.code === 'invalid_type' && (issue as { expected: string }).expected !== 'int';
      this.add(path, explain(issue, value), { misfit });
    }
  }
}

/** Whether an issue of one branch of a union says that the value is of the branch's type but out of its range. */
function fitsShape(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return true;
  return (
    issue.code !== 'invalid_value' &&
    (issue.code !== 'invalid_type' || (issue as { expected: string }).expected === 'int')
  );
}

function unionText(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const allowed = new Set<string>();
  for (const [issue] of branches) {
    if (issue?.code === 'invalid_type') allowed.add(typeText(issue.expected));
    else if (issue?.code === 'invalid_value') for (const value of issue.values) allowed.add(show(value));
  }
  return allowed.size > 0 ? `must be ${[...allowed].join(' or ')}` : 'is of no allowed form';
}

function explain(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${subject(value)} must be ${typeText(issue.expected)}`;
    case 'too_small': {
      const bound = `${issue.inclusive === false ? 'greater than' : 'at least'} ${issue.minimum}`;
      if (issue.origin === 'array') return `must have ${bound} ${issue.minimum === 1 ? 'entry' : 'entries'}`;
      if (issue.origin === 'string') return 'must not be empty';
      return `${show(value)} is out of range; it must be ${bound}`;
    }
    case 'too_big': {
      const bound = `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
      if (issue.origin === 'array') return `must have ${bound} entries`;
      if (issue.origin === 'string') return `must have ${bound} characters`;
      return `${show(value)} is out of range; it must be ${bound}`;
    }
    case 'invalid_value':
      return `${subject(value)} must be ${issue.values.map(show).join(' or ')}`;
    default:
      // Refinements write their own text: "must …" is about the value, anything else is a sentence.
      return issue.message.startsWith('must') && !isContainer(value)
        ? `${subject(value)} ${issue.message}`
        : issue.message;
  }
}

const subject = (value: unknown): string => (value === undefined ? 'missing; it' : show(value));

function typeText(expected: string): string {
  switch (expected) {
    case 'int':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list in brackets';
    case 'object':
    case 'record':
      return 'an object in braces';
    default:
      return `a ${expected}`;
  }
}

const plural = (thing: string): string =>
  thing === 'criterion' ? 'criteria' : thing.endsWith('s') ? thing : `${thing}s`;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isContainer = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** A value as the user would write it, cut short. */
export function show(value: unknown): string {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  if (typeof text !== 'string') return typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** `arms[1].particles` */
export function pathText(path: Path): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`,
    )
    .join('');
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
