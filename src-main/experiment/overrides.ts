import { ConfigError } from '../contract/errors.ts';

type Container = Record<string, unknown> | unknown[];

const HINT = 'Write a path, = and a value, for example recipe.epochs=10, arms[1].particles=8 or seeds=[1,2].';

/** `arms[1].particles` as `['arms', 1, 'particles']`. @throws ConfigError where it is no path */
export function parsePath(text: string): (string | number)[] {
  const parts: (string | number)[] = [];
  let rest = text;
  while (rest.length > 0) {
    const match = /^(?:\[(\d+)\]|(?:^|\.)?([A-Za-z_$][\w$-]*))/.exec(rest);
    const [whole, index, key] = match ?? [];
    const dotted = rest.startsWith('.');
    const wrongStart = key !== undefined && (parts.length === 0 ? dotted : !dotted);
    if (whole === undefined || wrongStart || key === '__proto__') {
      throw new ConfigError(`--set ${text}: "${rest}" is no part of a path`, HINT);
    }
    parts.push(index !== undefined ? Number(index) : (key ?? ''));
    rest = rest.slice(whole.length);
  }
  if (typeof parts[0] !== 'string')
    throw new ConfigError(`--set ${text}: the path must start with a key`, HINT);
  return parts;
}

/** JSON where it is JSON, else the text itself. */
export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The container at `key`, made where there is none yet. */
function descend(
  container: Container,
  key: string | number,
  next: string | number,
  assignment: string,
): Container {
  const found = read(container, key, assignment);
  // `arms[0].particles` of an arm written as a bare name: give the name a place to hang options on.
  const value = typeof found === 'string' && typeof next === 'string' ? { kind: found } : found;
  const made = value ?? (typeof next === 'number' ? [] : {});
  if (typeof made !== 'object') {
    throw new ConfigError(`--set ${assignment}: ${JSON.stringify(made)} has nothing inside it to set`, HINT);
  }
  write(container, key, made);
  return made as Container;
}

function read(container: Container, key: string | number, assignment: string): unknown {
  if (Array.isArray(container)) {
    if (typeof key !== 'number') {
      throw new ConfigError(
        `--set ${assignment}: "${key}" names a key, but there is a list; use [0], [1], …`,
        HINT,
      );
    }
    if (key > container.length) {
      throw new ConfigError(
        `--set ${assignment}: there is no entry [${key}] in a list of ${container.length}`,
        `The last entry is [${container.length - 1}]; [${container.length}] adds one.`,
      );
    }
    return container[key];
  }
  if (typeof key === 'number') {
    throw new ConfigError(`--set ${assignment}: [${key}] names an entry of a list, but there is none`, HINT);
  }
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function write(container: Container, key: string | number, value: unknown): void {
  (container as Record<string | number, unknown>)[key] = value;
}

/** Settings of which one stands in the place of the other: the length of the ticket is given in one way. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['ticket.epochs', 'iterations'],
  ['ticket.iterations', 'epochs'],
]);

/**
 * A configuration with `--set path=value` assignments applied in order, the later over the earlier. Values are
 * JSON where they parse as JSON, else text. A length of the ticket replaces one in the other unit. Whether a path means anything is for parseConfig to say.
 * @param raw is not changed
 * @throws ConfigError where an assignment is no assignment or its path leads nowhere
 */
export function applySet(raw: unknown, assignments: readonly string[]): unknown {
  if (assignments.length === 0) return raw;
  const root = structuredClone(raw);
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return root;
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new ConfigError(
        `--set ${assignment}: ${equals === 0 ? 'there is no path before' : 'there is no'} "="`,
        HINT,
      );
    }
    const path = parsePath(assignment.slice(0, equals).trim());
    const value = parseValue(assignment.slice(equals + 1).trim());
    let container: Container = root as Record<string, unknown>;
    for (const [index, next] of path.slice(1).entries()) {
      container = descend(container, path[index] ?? '', next, assignment);
    }
    const last = path.at(-1) ?? '';
    read(container, last, assignment);
    write(container, last, value);
    const other = INSTEAD.get(path.join('.'));
    if (other !== undefined && !Array.isArray(container)) delete container[other];
  }
  return root;
}
