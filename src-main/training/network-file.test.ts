import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import { describeModel } from '../models/registry.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Tensor, Tensors } from '../checkpoint/tensor.ts';
import type { NetworkTensors } from '../checkpoint/names/naming.ts';
import { outputsIn, readNamed, type Wanted } from '../checkpoint/names/read.ts';

function networkOf(spec: NamedSpec, image: readonly number[], classes: number): NetworkTensors {
  const { parameters, statistics } = describeModel(spec, image, classes);
  return { kind: spec.kind, image, parameters, statistics };
}

const lenet = networkOf({ kind: 'lenet', hidden: [5, 4] }, [2, 3, 2], 3);
const resnet = networkOf({ kind: 'resnet', depth: 8, width: 2 }, [8, 8, 3], 4);

const elements = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** A tensor that holds its own places: 0, 1, 2, … in C order. */
const counting = (...shape: number[]): Tensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from({ length: elements(shape) }, (_, index) => index),
});

/** LeNet's state dict in PyTorch with three layers of these names. */
function lenetState(first = 'fc1', second = 'fc2', last = 'fc3'): Map<string, Tensor> {
  return new Map([
    [`${first}.weight`, counting(5, 12)],
    [`${first}.bias`, counting(5)],
    [`${second}.weight`, counting(4, 5)],
    [`${second}.bias`, counting(4)],
    [`${last}.weight`, counting(3, 4)],
    [`${last}.bias`, counting(3)],
  ]);
}

/** ResNet-8's state dict as written down by hand, not by the table under test. */
function resnetState(shortcut = 'downsample', head = 'fc'): Map<string, Tensor> {
  const state = new Map<string, Tensor>();
  const norm = (name: string, channels: number): void => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      state.set(`${name}.${part}`, counting(channels));
    state.set(`${name}.num_batches_tracked`, { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) });
  };
  state.set('conv1.weight', counting(2, 3, 3, 3));
  norm('bn1', 2);
  for (const [stage, channels, from] of [
    [1, 2, 2],
    [2, 4, 2],
    [3, 8, 4],
  ] as const) {
    const block = `layer${stage}.0`;
    state.set(`${block}.conv1.weight`, counting(channels, from, 3, 3));
    norm(`${block}.bn1`, channels);
    state.set(`${block}.conv2.weight`, counting(channels, channels, 3, 3));
    norm(`${block}.bn2`, channels);
    if (stage === 1) continue;
    state.set(`${block}.${shortcut}.0.weight`, counting(channels, from, 1, 1));
    norm(`${block}.${shortcut}.1`, channels);
  }
  state.set(`${head}.weight`, counting(4, 8));
  state.set(`${head}.bias`, counting(4));
  return state;
}

const read = (tensors: Tensors, network: NetworkTensors, want: Wanted = 'network', naming = 'auto') =>
  readNamed(tensors, network, { path: 'net.safetensors', naming, want });

const prefixed = (tensors: Tensors, prefix: string): Map<string, Tensor> =>
  new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor]));

describe('PyTorch', () => {
  test('convolutions become HWIO: each weight keeps its output, input, row and column', () => {
    const { naming, tensors } = read(resnetState(), resnet);
    expect(naming).toBe('pytorch');
    const kernel = tensors.get('stage3/block1/conv1/kernel');
    expect(kernel?.shape).toEqual([3, 3, 4, 8]);
    for (let o = 0; o < 8; o++)
      for (let i = 0; i < 4; i++)
        for (let y = 0; y < 3; y++)
          for (let x = 0; x < 3; x++)
            expect(kernel?.data[((y * 3 + x) * 4 + i) * 8 + o]).toBe(((o * 4 + i) * 3 + y) * 3 + x);
  });

  test('has every tensor of the network and no other', () => {
    const { tensors } = read(resnetState(), resnet);
    const wanted = [
      ...resnet.parameters.map(({ name }) => name),
      ...resnet.statistics.flatMap(({ name }) => [`${name}/mean`, `${name}/variance`]),
    ];
    expect([...tensors.keys()].sort()).toEqual(wanted.sort());
    for (const { name, shape } of resnet.parameters) expect(tensors.get(name)?.shape).toEqual(shape);
  });

  test.each([
    ['shortcut and linear', resnetState('shortcut', 'linear')],
    ['DataParallel', prefixed(resnetState(), 'module.')],
    ['a wrapper of a wrapper', prefixed(resnetState(), '_orig_mod.model.')],
  ])('finds the same under other habits: %s', (_habit, state) => {
    expect(read(state, resnet).tensors).toEqual(read(resnetState(), resnet).tensors);
  });

  test('the first dense layer sees channels last: the same images give the same features', () => {
    const kernel = read(lenetState(), lenet).tensors.get('dense1/kernel');
    expect(kernel?.shape).toEqual([12, 5]);
    // Each image pixel once: index in [height, width, channel] here, in [channel, height, width] there.
    for (let y = 0; y < 2; y++)
      for (let x = 0; x < 3; x++)
        for (let c = 0; c < 2; c++)
          for (let unit = 0; unit < 5; unit++) {
            const [here, there] = [(y * 3 + x) * 2 + c, (c * 2 + y) * 3 + x];
            expect(kernel?.data[here * 5 + unit]).toBe(unit * 12 + there);
          }
    // A later dense layer is only transposed.
    expect(read(lenetState(), lenet).tensors.get('classifier/kernel')?.data).toEqual(
      Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11),
    );
  });

  test.each([
    ['a Sequential', lenetState('0', '2', '4')],
    ['with Flatten first', lenetState('1', '3', '5')],
    ['with dropout, more than nine modules', lenetState('2', '6', '10')],
    ['as a field', prefixed(lenetState('0', '2', '4'), 'net.')],
  ])('LeNet as %s', (_what, state) => {
    expect(read(state, lenet).tensors).toEqual(read(lenetState(), lenet).tensors);
  });

  test('pruned modules: the weights that count, and their masks in our order', () => {
    const state = lenetState();
    const mask = Float32Array.from({ length: 20 }, (_, index) => (index % 3 === 0 ? 0 : 1));
    state.delete('fc2.weight');
    state.set('fc2.weight_orig', counting(4, 5));
    state.set('fc2.weight_mask', { dtype: 'F32', shape: [4, 5], data: mask });
    const { tensors, masks } = read(state, lenet);
    const kernel = tensors.get('dense2/kernel')?.data;
    const kept = masks.get('dense2/kernel');
    expect([...masks.keys()]).toEqual(['dense2/kernel']);
    expect(kept).toMatchObject({ dtype: 'BOOL', shape: [5, 4] });
    for (let out = 0; out < 4; out++)
      for (let at = 0; at < 5; at++) {
        const alive = (out * 5 + at) % 3 === 0 ? 0 : 1;
        expect(kept?.data[at * 4 + out]).toBe(alive);
        expect(kernel?.[at * 4 + out]).toBe(alive * (out * 5 + at));
      }
  });

  test('half precision and bfloat16 are converted, and it is said', () => {
    const state = lenetState();
    // 1.5, −2, 2⁻²⁴ (the smallest subnormal), 65504 (the largest), 0
    state.set('fc1.bias', {
      dtype: 'F16',
      shape: [5],
      data: Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x7bff, 0),
    });
    state.set('fc2.bias', {
      dtype: 'BF16',
      shape: [4],
      data: Uint16Array.of(0x3fc0, 0xc000, 0x0080, 0x4049),
    });
    const { tensors, notes } = read(state, lenet);
    expect(tensors.get('dense1/bias')?.data).toEqual(Float32Array.of(1.5, -2, 2 ** -24, 65504, 0));
    expect(tensors.get('dense2/bias')?.data).toEqual(Float32Array.of(1.5, -2, 2 ** -126, 3.140625));
    expect(notes).toEqual([
      'F16 tensors were converted to float32',
      'BF16 tensors were converted to float32',
    ]);
  });

  test('statistics may be missing where only weights are wanted', () => {
    const state = new Map([...resnetState()].filter(([name]) => !name.includes('running')));
    expect([...read(state, resnet, 'weights').tensors.keys()].sort()).toEqual(
      resnet.parameters.map(({ name }) => name).sort(),
    );
    expect(() => read(state, resnet)).toThrow(/18 missing: bn1\.running_mean/);
  });
});

describe('masks alone', () => {
  const pruned: Tensor = { dtype: 'I64', shape: [4, 5], data: new BigInt64Array(20).fill(1n, 3) };

  test.each<[string, string, Tensor]>([
    ['of torch.nn.utils.prune, one layer', 'fc2.weight_mask', pruned],
    ['under the name of the weight', 'fc2.weight', pruned],
    ['in a wrapper', 'module.fc2.weight_mask', pruned],
    [
      'as float16',
      'fc2.weight_mask',
      { dtype: 'F16', shape: [4, 5], data: new Uint16Array(20).fill(0x3c00, 3) },
    ],
    [
      'of ours',
      'mask/dense2/kernel',
      {
        dtype: 'U8',
        shape: [5, 4],
        data: Uint8Array.from(
          read(new Map([['fc2.weight_mask', pruned]]), lenet, 'mask').masks.get('dense2/kernel')?.data ?? [],
        ),
      },
    ],
  ])('%s', (_what, name, tensor) => {
    const { masks, tensors } = read(new Map([[name, tensor]]), lenet, 'mask');
    expect(tensors.size).toBe(0);
    // The first three inputs of the first output.
    const zeros = [...(masks.get('dense2/kernel')?.data ?? [])].flatMap((kept, at) => (kept ? [] : [at]));
    expect(zeros).toEqual([0, 4, 8]);
  });

  test('other numbers than 0 and 1 are refused', () => {
    const half = { dtype: 'F32', shape: [4, 5], data: new Float32Array(20).fill(0.5) } as const;
    expect(() => read(new Map([['fc2.weight_mask', half]]), lenet, 'mask')).toThrow(
      /other numbers than 0 and 1/,
    );
    expect(() => read(lenetState(), lenet, 'mask')).toThrow(/holds no masks/);
  });
});

describe('what does not fit is told', () => {
  test('missing, unexpected and wrongly shaped tensors, the first ten and how many', () => {
    const state = resnetState();
    for (const name of [...state.keys()].filter((each) => each.startsWith('layer3'))) state.delete(name);
    state.set('conv1.weight', counting(3, 3, 3, 3));
    state.set('optimizer.step', counting(1));
    const error = (() => {
      try {
        read(state, resnet);
      } catch (thrown) {
        return thrown;
      }
      return null;
    })();
    expect(error).toBeInstanceOf(DataError);
    const { message } = error as DataError;
    expect(message).toMatch(/^net\.safetensors does not fit this resnet on images of 8×8×3:/);
    expect(message).toMatch(/15 missing: .* and 5 more\n/);
    expect(message).toMatch(/layer3\.0\.shortcut\.0\.weight or layer3\.0\.downsample\.0\.weight/);
    expect(message).toContain('1 not expected: optimizer.step');
    expect(message).toContain(
      "1 of another shape: conv1.weight is [3, 3, 3, 3], the model's is [2, 3, 3, 3]",
    );
  });

  test.each<[string, Tensors, NetworkTensors, string, RegExp]>([
    [
      'two candidates',
      new Map([...resnetState(), ...resnetState('shortcut')]),
      resnet,
      'auto',
      /ambiguous: both .*shortcut.* and .*downsample/,
    ],
    [
      'names of two namings',
      new Map([...lenetState(), ['dense1/bias', counting(5)]]),
      lenet,
      'auto',
      /ambiguous: it has names of swamp and of pytorch/,
    ],
    [
      'names of neither',
      new Map([['h.0.attn', counting(1)]]),
      lenet,
      'auto',
      /none of the tensors.*h\.0\.attn/,
    ],
    ['another model', resnetState(), lenet, 'pytorch', /none of the tensors.*name of lenet/],
    ['nothing', new Map(), lenet, 'auto', /it is empty/],
    [
      'integers as weights',
      new Map([...lenetState(), ['fc1.bias', { dtype: 'I32', shape: [5], data: new Int32Array(5) }]]),
      lenet,
      'auto',
      /fc1\.bias is I32/,
    ],
    [
      'a mask of another shape',
      new Map([...lenetState(), ['fc1.weight_mask', counting(5, 11)]]),
      lenet,
      'auto',
      /mask of fc1\.weight is \[5, 11\]/,
    ],
  ])('%s', (_what, tensors, network, naming, message) => {
    expect(() => read(tensors, network, 'network', naming)).toThrow(DataError);
    expect(() => read(tensors, network, 'network', naming)).toThrow(message);
  });

  test('a naming that is not there', () => {
    expect(() => read(lenetState(), lenet, 'network', 'keras')).toThrow(ConfigError);
  });
});

test('the classifier says how many classes there are', () => {
  const options = { path: 'net.safetensors', naming: 'auto' };
  const anyClasses = networkOf({ kind: 'resnet', depth: 8, width: 2 }, [8, 8, 3], 1);
  expect(outputsIn(prefixed(resnetState(), 'module.'), anyClasses, options)).toBe(4);
});
