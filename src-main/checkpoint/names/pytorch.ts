import { DataError } from '../../contract/errors.ts';
import type { Parameter } from '../../contract/parameters.ts';
import { toBoolean, toFloat32 } from '../convert.ts';
import type { Tensor, Tensors } from '../tensor.ts';
import type { Naming, NetworkTensors, SortedTensors, Source } from './naming.ts';

/** What PyTorch calls the parts of a layer. */
const parts: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  scale: 'weight',
  offset: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

/** A file and a network, for layers whose names depend on more than their own. */
interface Context {
  readonly network: NetworkTensors;
  /** Weights of the file. */
  readonly names: readonly string[];
}

/** What one of our layers is called there; several where there are several habits, none where it is not one of the model's. */
type LayerNames = (layer: string, context: Context) => readonly string[];

/** Names of layers by kind of model (docs/checkpoints.md has the table). */
const layersOf: Readonly<Record<string, LayerNames>> = { lenet: lenetLayer, resnet: resnetLayer };

/**
 * State dicts of PyTorch as safetensors: convolutions OIHW, linear layers [out, in], batch norm `weight`, `bias`,
 * `running_mean`, `running_var`; pruned layers of torch.nn.utils.prune as `weight_orig` and `weight_mask`.
 */
export const pytorch: Naming = {
  kind: 'pytorch',
  title: 'a state dict of PyTorch: layer1.0.conv1.weight, fc1.weight, weight_orig and weight_mask',
  sort,
  sources(network, names) {
    const layerNames = layersOf[network.kind];
    if (layerNames === undefined) return null;
    const sources = new Map<string, Source>();
    const add = (name: string, described: Omit<Source, 'names'>): void => {
      const slash = name.lastIndexOf('/');
      const part = parts[name.slice(slash + 1)] ?? '';
      const layers = layerNames(name.slice(0, slash), { network, names });
      sources.set(name, { ...described, names: layers.map((layer) => `${layer}.${part}`) });
    };
    for (const parameter of network.parameters) add(parameter.name, layoutOf(parameter, network));
    for (const { name, channels } of network.statistics)
      for (const part of ['mean', 'variance']) add(`${name}/${part}`, { shape: [channels] });
    return sources;
  },
};

/** The network's own weights are `weight_orig` where the mask keeps them and 0 elsewhere, as PyTorch computes them. */
function sort(tensors: Tensors): SortedTensors {
  const weights = new Map<string, Tensor>();
  const masks = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (name.endsWith('num_batches_tracked')) continue;
    if (name.endsWith('_mask')) masks.set(name.slice(0, -'_mask'.length), tensor);
    else if (!name.endsWith('_orig')) weights.set(name, tensor);
  }
  for (const [name, tensor] of tensors) {
    if (!name.endsWith('_orig')) continue;
    const bare = name.slice(0, -'_orig'.length);
    const mask = masks.get(bare);
    weights.set(bare, mask ? masked(tensor, mask, name) : tensor);
  }
  return { weights, masks };
}

function masked(tensor: Tensor, mask: Tensor, name: string): Tensor {
  const kept = toBoolean(mask);
  if (kept === null || kept.shape.join() !== tensor.shape.join())
    throw new DataError(
      `the mask of ${name} ${kept === null ? 'holds other numbers than 0 and 1' : `is [${mask.shape.join(', ')}], the weight [${tensor.shape.join(', ')}]`}`,
      'Save the state dict of the pruned module again.',
    );
  const { shape, data } = toFloat32(tensor, name);
  return { dtype: 'F32', shape, data: data.map((value, index) => (kept.data[index] === 1 ? value : 0)) };
}

/** Shape and order of a parameter in PyTorch. */
function layoutOf({ name, shape, role }: Parameter, { image }: NetworkTensors): Omit<Source, 'names'> {
  if (role !== 'kernel') return { shape };
  const [first = 0, second = 0, channels = 0, filters = 0] = shape;
  if (shape.length === 4) {
    const view = [filters, channels, first, second];
    return { shape: view, order: { view, axes: [2, 3, 1, 0] } };
  }
  const [height = 0, width = 0, depth = 0] = image;
  // Behind a flattening the inputs stand in the order of the image, which is channels first there and last here.
  if (name === 'dense1/kernel' && first === height * width * depth)
    return {
      shape: [second, first],
      order: { view: [second, depth, height, width], axes: [2, 3, 1, 0] },
    };
  return { shape: [second, first], order: { view: [second, first], axes: [1, 0] } };
}

/** `fc1, fc2, …`, or the linear layers of a Sequential by their order: `0, 2, 4`, `1, 3, 5`, … */
function lenetLayer(layer: string, { network, names }: Context): string[] {
  const layers = network.parameters.filter(({ role }) => role === 'kernel').length;
  const place = layer === 'classifier' ? layers : Number(/^dense(\d+)$/.exec(layer)?.[1] ?? 0);
  if (place === 0) return [];
  const numbers = new Set(names.flatMap((name) => /^(\d+)\./.exec(name)?.[1] ?? []));
  const inSequence = [...numbers].sort((a, b) => Number(a) - Number(b))[place - 1];
  return [`fc${place}`, ...(inSequence === undefined ? [] : [inSequence])];
}

/** `conv1, bn1, layer1.0.conv1, …, layer2.0.shortcut.0` or `.downsample.0`, and `linear` or `fc`. */
function resnetLayer(layer: string): string[] {
  if (layer === 'classifier') return ['linear', 'fc'];
  const norm = layer.endsWith('/bn');
  const bare = norm ? layer.slice(0, -'/bn'.length) : layer;
  const own = norm ? 'bn' : 'conv';
  if (bare === 'stem') return [`${own}1`];
  const [, stage, block, part] = /^stage(\d+)\/block(\d+)\/(?:conv)?(.+)$/.exec(bare) ?? [];
  if (stage === undefined || part === undefined) return [];
  const base = `layer${stage}.${Number(block) - 1}`;
  if (part !== 'shortcut') return [`${base}.${own}${part}`];
  return ['shortcut', 'downsample'].map((each) => `${base}.${each}.${norm ? 1 : 0}`);
}
