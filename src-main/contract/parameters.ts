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
  /** Whether masks may prune it (method.md: kernels; the classifier by a switch). */
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
  /** Words for the denominator, for example `conv kernels without the classifier`. */
  readonly denominator: string;
}

/** Lays parameters out. Names must be unique. */
export function layOut(parameters: readonly Parameter[], pruneClassifier: boolean): Layout {
  const sorted = [...parameters].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  let offset = 0;
  let prunable = 0;
  const placed: PlacedParameter[] = [];
  for (const parameter of sorted) {
    if (placed.at(-1)?.name === parameter.name)
      throw new Error(`two parameters are called ${parameter.name}`);
    const size = parameter.shape.reduce((product, side) => product * side, 1);
    const may = parameter.role === 'kernel' && (pruneClassifier || !parameter.classifier);
    placed.push({ ...parameter, offset, size, prunable: may });
    offset += size;
    if (may) prunable += size;
  }
  const denominator = pruneClassifier ? 'all kernels' : 'all kernels but the classifier';
  return { parameters: placed, total: offset, prunable, denominator };
}
