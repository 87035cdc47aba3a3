import { isRecord } from './paths.ts';

/**
 * `own` over `defaults`, nested objects field by field; another `kind` brings none of the default's options. As the
 * host fills in what a draft leaves out.
 */
export function merged(defaults: unknown, own: unknown): unknown {
  if (own === undefined) return defaults;
  if (!isRecord(defaults) || !isRecord(own)) return own;
  if (own['kind'] !== undefined && own['kind'] !== defaults['kind']) return own;
  const result: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(own)) result[key] = merged(defaults[key], value);
  return result;
}

/** The kind of a choice as one writes it: a bare name, or an object with options. */
export function kindOf(spec: unknown): string | null {
  if (typeof spec === 'string') return spec;
  return isRecord(spec) && typeof spec['kind'] === 'string' ? spec['kind'] : null;
}

/** The choice as an object, so that options can be set. */
export function asSpec(spec: unknown): Record<string, unknown> {
  if (typeof spec === 'string') return { kind: spec };
  return isRecord(spec) ? spec : {};
}

/** Whether a kind names a file of the user's own. */
export function isOwnFile(kind: string): boolean {
  return /^(\.{1,2})?\//.test(kind) || /\.(m?ts|m?js)$/.test(kind) || /^[A-Za-z]:[\\/]/.test(kind);
}
