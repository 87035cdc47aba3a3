/** Where a value stands in a draft: `['arms', 1, 'particles']`. */
export type Path = readonly (string | number)[];

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/**
 * A copy with another value at a place; `undefined` takes the key out, and with it objects that it leaves empty, so
 * that a setting put back to its default leaves no trace. Objects on the way are made where there are none.
 */
export function withValue(raw: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(raw)) {
    const list: unknown[] = [...(raw as unknown[])];
    const entry = withValue(list[Number(key)], rest, value);
    if (entry === undefined && rest.length === 0) list.splice(Number(key), 1);
    else list[Number(key)] = entry;
    return list;
  }
  // A choice by its bare name gets options.
  const fields = isRecord(raw) ? raw : typeof raw === 'string' && raw !== '' ? { kind: raw } : {};
  const next = withValue(fields[key], rest, value);
  if (next !== undefined && !(value === undefined && isRecord(next) && Object.keys(next).length === 0))
    return { ...fields, [key]: next };
  const { [key]: _gone, ...others } = fields;
  return others;
}

/** Whether a place is another or inside it. */
export function isWithin(path: Path, of: Path): boolean {
  return of.every((part, index) => path[index] === part);
}

/** `arms[1].particles` */
export function pathText(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

/** The same value, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]));
}
