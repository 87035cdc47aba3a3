import { ConfigError, DataError } from '../../contract/errors.ts';
import { toBoolean, toFloat32, transposed } from '../convert.ts';
import type { Tensor, TensorOf, Tensors } from '../tensor.ts';
import type { Naming, NetworkTensors, SortedTensors, Source } from './naming.ts';
import { AUTO, namings } from './registry.ts';

/** What is wanted of a file. */
export type Wanted =
  /** All weights and batch-norm statistics, and masks where there are any. */
  | 'network'
  /** All weights; statistics may be missing and are not given. */
  | 'weights'
  /** Masks. */
  | 'mask';

/** A network's tensors under our names and in our order. */
export interface NamedTensors {
  /** Kind of the naming that the file goes by. */
  readonly naming: string;
  /** Parameters and statistics; none where only masks are wanted. */
  readonly tensors: ReadonlyMap<string, TensorOf<'F32'>>;
  /** By the name of the weight, of those that the file has masks for. */
  readonly masks: ReadonlyMap<string, TensorOf<'BOOL'>>;
  /** What was done to them that is not seen in them, for people. */
  readonly notes: readonly string[];
}

/** Names of a kind of fault that a message lists. */
const LISTED = 10;

/** A file's tensors as a naming sees them. */
interface Match {
  readonly naming: Naming;
  readonly sorted: SortedTensors;
  readonly sources: ReadonlyMap<string, Source>;
  /** Sources that the file has, as weight or mask. */
  readonly hits: number;
}

/**
 * Reads a network from a file of ours or from elsewhere (docs/checkpoints.md).
 * @param naming Kind of the naming, or `auto`: the one whose names are in the file.
 * @param path For messages.
 * @throws DataError listing what is missing, not expected or of another shape; ConfigError where there is no such naming.
 */
export function readNamed(
  tensors: Tensors,
  network: NetworkTensors,
  { path, naming, want }: { path: string; naming: string; want: Wanted },
): NamedTensors {
  const match = findNaming(tensors, network, naming, path);
  const notes = new Set<string>();
  return {
    naming: match.naming.kind,
    tensors: want === 'mask' ? new Map() : weightsOf(match, network, { path, want, notes }),
    masks: want === 'weights' ? new Map() : masksOf(match, network, { path, want }),
    notes: [...notes],
  };
}

function weightsOf(
  { sorted: { weights }, sources }: Match,
  network: NetworkTensors,
  { path, want, notes }: { path: string; want: Wanted; notes: Set<string> },
): Map<string, TensorOf<'F32'>> {
  const faults = new Faults();
  const places = locate(sources, weights, path);
  const parameters = new Set(network.parameters.map(({ name }) => name));
  const read = new Map<string, TensorOf<'F32'>>();
  for (const [ours, source] of sources) {
    const wanted = want === 'network' || parameters.has(ours);
    const theirs = places.get(ours);
    const tensor = theirs === undefined ? undefined : weights.get(theirs);
    if (theirs === undefined || tensor === undefined) {
      if (wanted) faults.missing.push(source.names.join(' or ') || ours);
    } else if (tensor.shape.join() !== source.shape.join()) {
      faults.shape(theirs, tensor.shape, source.shape);
    } else if (wanted) {
      if (tensor.dtype !== 'F32') notes.add(`${tensor.dtype} tensors were converted to float32`);
      read.set(ours, ordered(toFloat32(tensor, theirs), ours, source, network));
    }
  }
  faults.expect(weights, places, (name) => name);
  faults.throwIfAny(path, network);
  return read;
}

function masksOf(
  { sorted, sources }: Match,
  network: NetworkTensors,
  { path, want }: { path: string; want: Wanted },
): Map<string, TensorOf<'BOOL'>> {
  const faults = new Faults();
  const named = (name: string): string => `the mask of ${name}`;
  // A network may have none; a file that is to give masks may hold them under the names of the weights.
  const table =
    want === 'mask' && sorted.masks.size === 0 ? binary(sorted.weights, sources, path) : sorted.masks;
  const places = locate(sources, table, path);
  const read = new Map<string, TensorOf<'BOOL'>>();
  for (const [ours, theirs] of places) {
    const source = sources.get(ours) as Source;
    const tensor = table.get(theirs) as Tensor;
    if (tensor.shape.join() !== source.shape.join()) {
      faults.shape(named(theirs), tensor.shape, source.shape);
      continue;
    }
    const mask = toBoolean(tensor);
    if (mask === null) throw notBinary(theirs, path);
    read.set(ours, ordered(mask, ours, source, network));
  }
  faults.expect(table, places, named);
  faults.throwIfAny(path, network);
  return read;
}

/** In our order and shape. */
function ordered<T extends Tensor>(
  tensor: T,
  ours: string,
  { order }: Source,
  { parameters }: NetworkTensors,
): T {
  const shape = parameters.find(({ name }) => name === ours)?.shape;
  return order && shape ? transposed(tensor, { ...order, shape }) : tensor;
}

/** Weights that are masks: all 0 and 1. @throws DataError where one is not. */
function binary(
  weights: ReadonlyMap<string, Tensor>,
  sources: ReadonlyMap<string, Source>,
  path: string,
): ReadonlyMap<string, Tensor> {
  const known = new Set([...sources.values()].flatMap(({ names }) => names));
  const masks = new Map([...weights].filter(([name]) => known.has(name)));
  for (const [name, tensor] of masks) {
    if (toBoolean(tensor) !== null) continue;
    throw new DataError(
      `${path} holds no masks, and ${name} is no mask itself: it has other numbers than 0 and 1`,
      'Give a file with masks: mask/…, weight_mask, or tensors of 0 and 1 under the names of the weights.',
    );
  }
  return masks;
}

/** The file's name of each of our tensors that it has. @throws DataError where it has two. */
function locate(
  sources: ReadonlyMap<string, Source>,
  table: ReadonlyMap<string, Tensor>,
  path: string,
): Map<string, string> {
  const places = new Map<string, string>();
  for (const [ours, { names }] of sources) {
    const [name, other] = names.filter((each) => table.has(each));
    if (other !== undefined)
      throw new DataError(
        `${path} is ambiguous: both ${name} and ${other} could be ${ours}`,
        'Leave out of the file what does not belong to the network.',
      );
    if (name !== undefined) places.set(ours, name);
  }
  return places;
}

/** The naming that a file goes by. */
function findNaming(tensors: Tensors, network: NetworkTensors, kind: string, path: string): Match {
  const asked =
    kind === AUTO ? [...namings.values()] : [namings.get(kind)].filter((each) => each !== undefined);
  if (asked.length === 0)
    throw new ConfigError(
      `there is no naming "${kind}"`,
      `Choose one of ${[AUTO, ...namings.keys()].join(', ')}.`,
    );
  const matches = asked.flatMap((naming) => match(naming, tensors, network));
  const hits = matches.filter((each) => each.hits > 0);
  const [first, second] = hits;
  if (first && !second) return first;
  const has = [...tensors.keys()];
  if (first && second)
    throw new DataError(
      `${path} is ambiguous: it has names of ${hits.map(({ naming }) => naming.kind).join(' and of ')}`,
      'Say which: in an experiment start.names, of a file its names (--names KIND).',
    );
  throw new DataError(
    `none of the tensors of ${path} has a name of ${network.kind}: ${listed(has) || 'it is empty'}`,
    `Known namings: ${[...namings.values()].map((each) => `${each.kind} (${each.title})`).join('; ')}. docs/checkpoints.md has the tables.`,
  );
}

/**
 * How many outputs the network in a file has: the length of its classifier's bias; `null` where the file has none.
 * @param network With any number of classes.
 */
export function outputsIn(
  tensors: Tensors,
  network: NetworkTensors,
  { path, naming }: { path: string; naming: string },
): number | null {
  const { sources, sorted } = findNaming(tensors, network, naming, path);
  const bias = network.parameters.find(({ classifier, role }) => classifier && role === 'bias');
  const names = (bias && sources.get(bias.name)?.names) ?? [];
  const tensor = names.map((name) => sorted.weights.get(name)).find((each) => each !== undefined);
  return tensor?.shape[0] ?? null;
}

/** What a naming sees in a file, without the prefix that leaves most of it known; empty where it has no such model. */
function match(naming: Naming, tensors: Tensors, network: NetworkTensors): Match[] {
  const whole = naming.sort(tensors);
  let best: Match | null = null;
  for (const prefix of prefixes([...whole.weights.keys(), ...whole.masks.keys()])) {
    const sorted = { weights: without(prefix, whole.weights), masks: without(prefix, whole.masks) };
    const names = [...new Set([...sorted.weights.keys(), ...sorted.masks.keys()])];
    const sources = naming.sources(network, names);
    if (sources === null) return [];
    const all = new Set(names);
    const hits = [...sources.values()].filter((source) => source.names.some((name) => all.has(name))).length;
    if (best === null || hits > best.hits) best = { naming, sorted, sources, hits };
  }
  return best === null ? [] : [best];
}

/** What all names begin with, up to each of its dots: `module.` of DataParallel, the field a Sequential lies in. */
function prefixes(names: readonly string[]): string[] {
  const [first = ''] = names;
  const found = [''];
  for (let dot = first.indexOf('.'); dot >= 0; dot = first.indexOf('.', dot + 1)) {
    const prefix = first.slice(0, dot + 1);
    if (!names.every((name) => name.startsWith(prefix))) break;
    found.push(prefix);
  }
  return found;
}

function without(prefix: string, tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  if (prefix === '') return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** What keeps a file from being the network. */
class Faults {
  readonly missing: string[] = [];
  readonly unexpected: string[] = [];
  readonly #shapes: string[] = [];

  shape(name: string, has: readonly number[], wants: readonly number[]): void {
    this.#shapes.push(`${name} is [${has.join(', ')}], the model's is [${wants.join(', ')}]`);
  }

  /** Notes what of a file's table has no place. */
  expect(
    table: ReadonlyMap<string, Tensor>,
    places: ReadonlyMap<string, string>,
    words: (name: string) => string,
  ): void {
    const known = new Set(places.values());
    for (const name of table.keys()) if (!known.has(name)) this.unexpected.push(words(name));
  }

  throwIfAny(path: string, { kind, image }: NetworkTensors): void {
    const lines = [
      ['missing', this.missing],
      ['not expected', this.unexpected],
      ['of another shape', this.#shapes],
    ] as const;
    const wrong = lines.filter(([, names]) => names.length > 0);
    if (wrong.length === 0) return;
    const text = wrong.map(
      ([what, names]) =>
        `  ${names.length} ${what}: ${listed(names, what === 'of another shape' ? '; ' : ', ')}`,
    );
    throw new DataError(
      [`${path} does not fit this ${kind} on images of ${image.join('×')}:`, ...text].join('\n'),
      'Check that the file, the model and its settings, and the data are those you mean; docs/checkpoints.md lists the names.',
    );
  }
}

function notBinary(name: string, path: string): DataError {
  return new DataError(
    `the mask of ${name} in ${path} holds other numbers than 0 and 1`,
    'A mask is 1 where a weight is kept and 0 where it is pruned.',
  );
}

function listed(names: readonly string[], separator = ', '): string {
  const more = names.length - LISTED;
  return names.slice(0, LISTED).join(separator) + (more > 0 ? ` and ${more} more` : '');
}
