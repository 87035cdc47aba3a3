import type { Prunable } from './prunable.ts';

/** One trainable tensor of a model. */
export interface Parameter {
  /** For example `stage1/block0/conv1/kernel`. */
  readonly name: string;
  /** Convolution kernels are [height, width, in, out], dense kernels [in, out]. */
  readonly shape: readonly number[];
  /** `scale` and `offset` are batch norm's γ and β. */
  readonly role: 'kernel' | 'bias' | 'scale' | 'offset' | 'embedding';
  /** The last dense layer, which `pruneClassifier` leaves alone unless set. */
  readonly classifier: boolean;
}

/** A parameter with its place in the flat vector. */
export interface PlacedParameter extends Parameter {
  /** First element in the flat vector. */
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
  /** Whether masks may prune it (method.md: kernels; the classifier by a switch; or the sets that are chosen). */
  readonly prunable: boolean;
}

/**
 * How a model's tensors lie in one flat float32 vector: sorted by name (plain code-unit order), each in C
 * order, without gaps. Weights, masks, momenta and averages all use it, and it is the order in which ties
 * between equal weights are broken.
 */
export interface Layout {
  readonly parameters: readonly PlacedParameter[];
  /** Length of the flat vector. */
  readonly total: number;
  /** Number of prunable weights, P: the denominator of sparsity. */
  readonly prunable: number;
  /** Words for the denominator, for example `all kernels but the classifier`. */
  readonly denominator: string;
}

/** What is prunable where nobody says otherwise. */
const KERNELS: Prunable = { convolutions: true, dense: true, embeddings: false };

/**
 * Lays parameters out. Names must be unique.
 * @param sets what masks may prune, the classifier aside; absent: all kernels
 */
export function layOut(
  parameters: readonly Parameter[],
  pruneClassifier: boolean,
  sets: Prunable = KERNELS,
): Layout {
  const chosen = { ...sets, classifier: pruneClassifier };
  const sorted = [...parameters].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  let offset = 0;
  let prunable = 0;
  const placed: PlacedParameter[] = [];
  for (const parameter of sorted) {
    if (placed.at(-1)?.name === parameter.name)
      throw new Error(`two parameters are called ${parameter.name}`);
    const size = parameter.shape.reduce((product, side) => product * side, 1);
    const set = setOf(parameter);
    const may = set !== null && chosen[set];
    placed.push({ ...parameter, offset, size, prunable: may });
    offset += size;
    if (may) prunable += size;
  }
  return { parameters: placed, total: offset, prunable, denominator: denominatorOf(placed) };
}

/** Parameters that are chosen together. */
export type PrunableSet = keyof Prunable | 'classifier';

/** The set that a parameter belongs to; `null`: it is never pruned. */
export function setOf({
  role,
  shape,
  classifier,
}: Pick<Parameter, 'role' | 'shape' | 'classifier'>): PrunableSet | null {
  if (role === 'embedding') return 'embeddings';
  if (role !== 'kernel') return null;
  if (classifier) return 'classifier';
  return shape.length > 2 ? 'convolutions' : 'dense';
}

/** What is prunable of what there is, in words. */
function denominatorOf(parameters: readonly PlacedParameter[]): string {
  const pruned = new Set(parameters.filter((each) => each.prunable).map(setOf));
  const whole = new Set(parameters.filter((each) => !each.prunable).map(setOf));
  const but = whole.has('classifier') ? ' but the classifier' : '';
  const parts: string[] = [];
  const kernels = (['convolutions', 'dense', 'classifier'] as const).filter((set) => pruned.has(set));
  if (kernels.length > 0 && !whole.has('convolutions') && !whole.has('dense'))
    parts.push(`all kernels${but}`);
  else {
    if (pruned.has('convolutions')) parts.push('convolution kernels');
    if (pruned.has('dense')) parts.push(`dense kernels${but}`);
    else if (pruned.has('classifier')) parts.push('the classifier');
  }
  if (pruned.has('embeddings')) parts.push('embeddings');
  const last = parts.pop();
  if (last === undefined) return 'no weights';
  return parts.length > 0 ? `${parts.join(', ')} and ${last}` : last;
}
