import { MOST_VARIANTS } from '../contract/api/experiments.ts';
import { ConfigError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import { CONFIG_HINT, readConfig } from './config.ts';
import { canonical } from './keys.ts';
import { isRecord, pathText, problemText, refuse, show, type Problem } from './problems.ts';
import { nameVariants } from './sweep-names.ts';

type Path = readonly PropertyKey[];

/** One of several values of a setting. */
export interface Choice {
  /** As written, without places in lists of choices: `recipe.learningRate`. */
  readonly path: string;
  readonly value: unknown;
  /** Place in its list. */
  readonly index: number;
}

/** One experiment of those that a file with lists of choices stands for. */
export interface Variant {
  /** The file's name, and what differs. */
  readonly name: string;
  /** Its value of each setting that has several. */
  readonly choices: readonly Choice[];
  readonly config: ExperimentConfig;
}

/** A list that stands where a single value is wanted. */
interface Axis {
  readonly path: Path;
  readonly values: readonly unknown[];
}

/** From a place in what was read back to the place in what was written. */
type Origin = (path: Path) => Path;

interface Draft {
  readonly raw: unknown;
  readonly origin: Origin;
  readonly choices: readonly Choice[];
}

/**
 * The experiments that a file stands for: one, or the product of all its lists of choices. A list is a list of choices
 * where the schema wants something else and takes an entry of it: no setting is known here by name, but for an
 * experiment's own, which no list can stand for. In `arms` a list makes several arms of one experiment.
 * @throws ConfigError with every problem, entries of lists named as they are written; or where it is too many.
 */
export function expandSweep(raw: unknown): Variant[] {
  const { variants, problems } = readSweep(raw);
  refuse(
    problems.map((problem) => problemText(problem)),
    CONFIG_HINT,
  );
  return variants;
}

/** What a file stands for, or what is wrong with it. */
export interface SweepReading {
  /** None where there is a problem. */
  readonly variants: Variant[];
  /** Each once, its place as it is written. */
  readonly problems: readonly Pick<Problem, 'path' | 'message'>[];
}

/** The same, telling problems one by one. @throws ConfigError where it is too many, or a list names a value twice. */
export function readSweep(raw: unknown): SweepReading {
  const drafts = expand({ raw, origin: (path) => path, choices: [] });
  const read = drafts.map((draft) => ({ draft, ...readConfig(draft.raw) }));
  const problems = problemsOf(read);
  if (problems.length > 0) return { variants: [], problems };
  return { variants: variantsOf(read), problems: [] };
}

function variantsOf(read: readonly { draft: Draft; config: ExperimentConfig | null }[]): Variant[] {
  const variants = read.flatMap(({ draft: { choices }, config }) => (config ? [{ choices, config }] : []));
  const [first] = variants;
  if (first && variants.length === 1) return [{ name: first.config.name, choices: [], config: first.config }];
  return nameVariants(variants.map(({ choices, config }) => ({ choices: told(choices, variants), config })));
}

/** Without lists of one. */
function told(choices: readonly Choice[], all: readonly Pick<Variant, 'choices'>[]): Choice[] {
  return choices.filter(({ path, index }) =>
    all.some((variant) => !variant.choices.some((each) => each.path === path && each.index === index)),
  );
}

function expand(draft: Draft): Draft[] {
  const axes = axesOf(draft);
  if (axes.length === 0) return [draft];
  const inArms = axes.filter(({ path }) => path[0] === 'arms' && path.length > 1);
  if (inArms.length > 0) return expand(withArms(draft, inArms));
  limit(axes, 'experiments');
  const drafts = axes
    .reduce<Draft[]>((made, axis) => made.flatMap((each) => choose(each, axis)), [draft])
    .flatMap(expand);
  if (drafts.length > MOST_VARIANTS) throw tooMany(drafts.length, 'experiments');
  return drafts;
}

/** @throws ConfigError where the product of some lists is too large to be made. */
function limit(axes: readonly Axis[], things: string): void {
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  if (size > MOST_VARIANTS) throw tooMany(size, things);
}

function tooMany(number: number, things: string): ConfigError {
  return new ConfigError(
    `the lists of choices make ${number} ${things}; ${MOST_VARIANTS} is the most at a time`,
    'Take choices out, or run it in parts: what parts share is trained once.',
  );
}

/** The outermost lists of choices. @throws ConfigError where one names a value twice. */
function axesOf({ raw, origin }: Draft): Axis[] {
  const { problems } = readConfig(raw);
  const found: Axis[] = [];
  if (problems.length > 0) visit(raw, []);
  return found;

  function visit(value: unknown, path: Path): void {
    if (!problems.some((problem) => isWithin(problem.path, path))) return;
    if (Array.isArray(value) && path[0] !== 'name' && isSwept(raw, path, value)) {
      refuse(repeated(value, origin(path)), 'Name each value once.');
      found.push({ path, values: value });
      return;
    }
    const inside: [PropertyKey, unknown][] = Array.isArray(value)
      ? [...value.entries()]
      : isRecord(value)
        ? Object.entries(value)
        : [];
    for (const [key, each] of inside) visit(each, [...path, key]);
  }
}

/** Whether the schema takes one of a list's entries in place of the list, though perhaps not that very value. */
function isSwept(raw: unknown, path: Path, list: readonly unknown[]): boolean {
  return list.some((entry) => {
    const { problems } = readConfig(withValue(raw, path, entry));
    return !problems.some((problem) => problem.misfit && isSame(problem.path, path));
  });
}

function repeated(values: readonly unknown[], path: Path): string[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonical(value);
    const first = seen.get(text);
    seen.set(text, first ?? index);
    return first === undefined
      ? []
      : [`${pathText([...path, index])}: ${show(value)} is already ${pathText([...path, first])}`];
  });
}

function choose(draft: Draft, { path, values }: Axis): Draft[] {
  return values.map((value, index) => ({
    raw: withValue(draft.raw, path, value),
    origin: (place) => draft.origin(isWithin(place, path) ? entryOf(place, path, index) : place),
    choices: [...draft.choices, { path: pathText(path), value, index }],
  }));
}

/** A place under a list of choices, as it is written: with the entry that was chosen. */
function entryOf(place: Path, path: Path, index: number): Path {
  return [...path, index, ...place.slice(path.length)];
}

/** Each arm with lists of choices in the place of one becomes several, in the same place. */
function withArms(draft: Draft, axes: readonly Axis[]): Draft {
  const arms = isRecord(draft.raw) && Array.isArray(draft.raw['arms']) ? draft.raw['arms'] : [];
  const expanded = arms.flatMap((_arm, at): Draft[] => {
    const own = axes.filter(({ path }) => path[1] === at);
    limit(own, 'arms');
    const first = { ...draft, origin: (path: Path) => path };
    return own
      .reduce<Draft[]>((made, axis) => made.flatMap((each) => choose(each, axis)), [first])
      .map((each) => ({
        ...each,
        raw: (each.raw as { arms: unknown[] }).arms[at],
        // What was chosen inside this arm, seen from its place among all.
        origin: ([, , ...rest]) => each.origin(['arms', at, ...rest]),
      }));
  });
  if (expanded.length > MOST_VARIANTS) throw tooMany(expanded.length, 'arms');
  return {
    raw: withValue(
      draft.raw,
      ['arms'],
      expanded.map(({ raw }) => raw),
    ),
    origin: (place) => {
      const [key, at] = place;
      const arm = key === 'arms' && typeof at === 'number' ? expanded[at] : undefined;
      return draft.origin(arm ? arm.origin(place) : place);
    },
    choices: draft.choices,
  };
}

interface Read {
  readonly draft: Draft;
  readonly problems: readonly Problem[];
}

/** Each problem once, in the words of what was written, and with which choices it arises where that is not plain. */
function problemsOf(read: readonly Read[]): Pick<Problem, 'path' | 'message'>[] {
  const found = new Map<
    string,
    { readonly path: Path; readonly message: string; readonly drafts: Draft[] }
  >();
  for (const { draft, problems } of read) {
    for (const { path: place, message: words, other } of problems) {
      const { origin } = draft;
      const path = origin(place);
      const message = other ? `${words} ${pathText(origin(other))}` : words;
      const text = problemText({ path, message });
      const entry = found.get(text) ?? { path, message, drafts: [] };
      entry.drafts.push(draft);
      found.set(text, entry);
    }
  }
  return [...found.values()].map(({ path, message, drafts }) => {
    const causes = causesOf(drafts, read, pathText(path));
    return { path, message: causes.length === 0 ? message : `${message} (where ${causes.join(' and ')})` };
  });
}

/** The choices that all of some drafts, and not all drafts, have; without those that a place names itself. */
function causesOf(drafts: readonly Draft[], read: readonly Read[], place: string): string[] {
  const paths = new Set(drafts.flatMap(({ choices }) => choices.map(({ path }) => path)));
  return [...paths].flatMap((path) => {
    const valuesIn = (some: readonly Draft[]): string[] => [
      ...new Set(
        some.flatMap(({ choices }) =>
          choices.filter((each) => each.path === path).map(({ value }) => show(value)),
        ),
      ),
    ];
    const [here, everywhere] = [valuesIn(drafts), valuesIn(read.map(({ draft }) => draft))];
    const named = place.startsWith(`${path}[`);
    return named || here.length === everywhere.length ? [] : [`${path} is ${here.join(' or ')}`];
  });
}

function isWithin(path: Path, of: Path): boolean {
  return of.every((part, index) => path[index] === part);
}

function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && isWithin(a, b);
}

/** A copy with another value at a place that is there. */
function withValue(raw: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(raw))
    return (raw as unknown[]).map((each, index) => (index === key ? withValue(each, rest, value) : each));
  const fields = isRecord(raw) ? raw : {};
  return { ...fields, [key]: withValue(fields[String(key)], rest, value) };
}
