// What this window remembers on this machine: views, never data.

const prefix = 'swamp-studio.';

/** What was remembered, where it is still of the right form. */
export function recall<T>(name: string, otherwise: T, fits: (value: unknown) => value is T): T {
  try {
    const text = localStorage.getItem(prefix + name);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return fits(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

/** Remembers it. A browser that keeps nothing forgets it. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Nothing that matters is lost.
  }
}
