import type { Path } from './paths.ts';

/** A stretch of a text, in characters. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the value at a path stands in a text of JSON; `null` where there is none. Of a path that ends at what is not
 * there, the place of the innermost value that is.
 */
export function placeOf(text: string, path: Path): Stretch | null {
  let at = 0;
  const space = (): void => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  const string = (): string => {
    const start = at++;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };
  /** Passes over a value; remembers where it is when the rest of the path is inside it. */
  const value = (rest: Path | null): Stretch | null => {
    space();
    const start = at;
    let found: Stretch | null = null;
    const [key, ...deeper] = rest ?? [];
    const inside = (mine: boolean): void => {
      const place = value(mine ? deeper : null);
      if (mine) found = place;
    };
    if (text[at] === '{' || text[at] === '[') {
      const object = text[at] === '{';
      const close = object ? '}' : ']';
      at++;
      for (let index = 0; ; index++) {
        space();
        if (at >= text.length || text[at] === close) break;
        let mine = rest !== null && rest.length > 0 && key === index;
        if (object) {
          const name = string();
          space();
          at++;
          mine = rest !== null && rest.length > 0 && key === name;
        }
        inside(mine);
        space();
        if (text[at] === ',') at++;
      }
      at++;
    } else if (text[at] === '"') string();
    else while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at++;
    return rest === null ? null : (found ?? { start, end: at });
  };
  try {
    return value(path);
  } catch {
    return null;
  }
}

/** Line of a character, from 1. */
export function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
