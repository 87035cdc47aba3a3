import type { Parameter } from '../../contract/parameters.ts';
import type { Tensor, Tensors } from '../tensor.ts';

/** A network as far as its tensors go. A `ModelDescription` has the lists. */
export interface NetworkTensors {
  /** Kind of the model, for example `resnet`. */
  readonly kind: string;
  /** Height, width and channels of its images. */
  readonly image: readonly number[];
  readonly parameters: readonly Parameter[];
  /** Batch-norm layers: tensors `<name>/mean` and `<name>/variance`. */
  readonly statistics: readonly { readonly name: string; readonly channels: number }[];
}

/** Where one of our tensors is in a file. */
export interface Source {
  /** Names it may have there; the file has one of them. */
  readonly names: readonly string[];
  /** Its shape there. */
  readonly shape: readonly number[];
  /** How it becomes ours: `reshape(view).transpose(axes)`. Absent: as it is. */
  readonly order?: { readonly view: readonly number[]; readonly axes: readonly number[] };
}

/** A file's tensors, weights and masks apart. */
export interface SortedTensors {
  /** Weights and statistics, by the names that sources go by. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Masks by the name of the weight they are for. */
  readonly masks: ReadonlyMap<string, Tensor>;
}

/** How others name and lay out a network's tensors: a file in this folder, registered by one line in registry.ts. */
export interface Naming {
  readonly kind: string;
  /** For people. */
  readonly title: string;
  /** Divides a file's tensors; what says nothing about the network is left out. */
  sort(tensors: Tensors): SortedTensors;
  /**
   * Where each of the network's tensors is, by our name; `null` where this naming knows no such model.
   * @param names Weights of the file, without what they all begin with.
   */
  sources(network: NetworkTensors, names: readonly string[]): ReadonlyMap<string, Source> | null;
}
