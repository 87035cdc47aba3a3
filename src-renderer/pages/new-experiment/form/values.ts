import { isRecord } from './paths.ts';
import type { FieldKind } from './schema.ts';

// What is typed into a field, and the value it stands for in the draft. A text that is no value of the field's form
// goes into the draft as it is: then the host says what is wrong with it, beside the field, and nothing is lost.

/** Between values of a sweep where a comma belongs to the value. */
const CHOICE = ';';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function scalar(text: string, kind: FieldKind): unknown {
  const trimmed = text.trim();
  if (kind.type === 'text' || (kind.type === 'list' && kind.of === 'text')) return trimmed;
  if (NUMBER.test(trimmed)) return Number(trimmed);
  if (trimmed === 'true') return true;
  if (trimmed === 'false') return false;
  return trimmed;
}

/** `undefined` of an empty text: the setting is left out. */
export function parseText(text: string, kind: FieldKind): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (kind.type === 'json' || trimmed.startsWith('[') || trimmed.startsWith('{')) {
    try {
      return JSON.parse(trimmed) as unknown;
    } catch {
      return trimmed;
    }
  }
  // A path may hold commas and semicolons.
  if (kind.type === 'text') return trimmed;
  if (kind.type === 'list' || kind.type === 'mixed') {
    const parts = trimmed.split(CHOICE);
    if (parts.length > 1) {
      if (parts.some((part) => part.trim() === '')) return trimmed;
      return parts.map((part) => listOrOne(part, kind));
    }
    return listOrOne(trimmed, kind);
  }
  const parts = trimmed.split(/[,;]/);
  if (parts.length === 1) return scalar(trimmed, kind);
  // `16,` is on its way to `16, 32`.
  return parts.some((part) => part.trim() === '') ? trimmed : parts.map((part) => scalar(part, kind));
}

function listOrOne(text: string, kind: FieldKind): unknown {
  const parts = text.split(',');
  if (parts.length > 1 && parts.some((part) => part.trim() === '')) return text.trim();
  const values = parts.map((part) => scalar(part, kind));
  return kind.type === 'list' || values.length > 1 ? values : values[0];
}

/** A value as one would type it. */
export function textOf(value: unknown, kind: FieldKind): string {
  if (value === undefined) return '';
  if (kind.type === 'json') return typeof value === 'string' ? value : JSON.stringify(value);
  if (!Array.isArray(value)) return isRecord(value) ? JSON.stringify(value) : plain(value);
  const list = value as unknown[];
  if (list.some(isRecord)) return JSON.stringify(list);
  const nested = list.some(Array.isArray);
  if (nested)
    return list.map((each) => (Array.isArray(each) ? each.map(plain).join(', ') : plain(each))).join('; ');
  return list.map(plain).join(', ');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Values of a sweep in a field; `null`: it holds one value. */
export function choicesIn(value: unknown, kind: FieldKind): readonly unknown[] | null {
  if (!Array.isArray(value)) return null;
  const list = value as unknown[];
  if (kind.type === 'list' || kind.type === 'mixed' || kind.type === 'particles')
    return list.length > 1 && list.some(Array.isArray) ? list : null;
  return list.length > 1 ? list : null;
}
