import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { factsMetadata } from '../src-main/checkpoint/facts.ts';
import { readNpz, writeNpz } from '../src-main/checkpoint/npz.ts';
import { writeSafetensors } from '../src-main/checkpoint/safetensors.ts';
import { tensorNamed, type Tensor } from '../src-main/checkpoint/tensor.ts';
import type { Dataset } from '../src-main/datasets/dataset.ts';
import { loadDataset } from '../src-main/datasets/registry.ts';
import { pseudoRandom } from '../src-main/training/fixtures.ts';
import { makeFolder, removeFolder, swampJson } from './cli.ts';

// A LeNet with weights drawn here, in a file of ours and as PyTorch would write it. What `swamp evaluate` and `predict`
// say of it is computed here once more, in plain loops.

const HIDDEN = 7;
const CLASSES = 10;
const PIXELS = 784;
const MODEL = JSON.stringify({ kind: 'lenet', hidden: [HIDDEN] });
const NORMALISATION = { mean: [0.2], deviation: [0.4] };

const folder = makeFolder();
afterAll(() => removeFolder(folder));
const path = (name: string): string => join(folder, name);

const random = pseudoRandom(7);
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => (random() - 0.5) * 0.6);
/** [in, out]; every third weight of the first is pruned. */
const first = draw(PIXELS * HIDDEN).map((weight, at) => (at % 3 === 0 ? 0 : weight));
const second = draw(HIDDEN * CLASSES);
const biases = [draw(HIDDEN), draw(CLASSES)] as const;
const PRUNED = Math.ceil((PIXELS * HIDDEN) / 3);

const f32 = (shape: number[], data: Float32Array): Tensor => ({ dtype: 'F32', shape, data });

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(data, (_, at) => data[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

let digits: Dataset;
let probabilities: number[][];

/** Probabilities of an image, as the definitions say, in float64. */
function run(image: Uint8Array): number[] {
  const layer = (input: ArrayLike<number>, kernel: Float32Array, bias: Float32Array): number[] =>
    Array.from(bias, (offset, out) => {
      let sum = offset;
      for (let at = 0; at < input.length; at++)
        sum += (input[at] ?? 0) * (kernel[at * bias.length + out] ?? 0);
      return sum;
    });
  const x = Array.from(image, (byte) => (byte / 255 - 0.2) / 0.4);
  const hidden = layer(x, first, biases[0]).map((value) => Math.max(0, value));
  const logits = layer(hidden, second, biases[1]);
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

const best = (row: readonly number[]): number => row.indexOf(Math.max(...row));

beforeAll(async () => {
  digits = await loadDataset({ kind: 'digits' });
  const { images, count } = digits.test;
  probabilities = Array.from({ length: count }, (_, at) =>
    run(images.subarray(at * PIXELS, (at + 1) * PIXELS)),
  );
  const tensors = new Map([
    ['dense1/kernel', f32([PIXELS, HIDDEN], first)],
    ['dense1/bias', f32([HIDDEN], biases[0])],
    ['classifier/kernel', f32([HIDDEN, CLASSES], second)],
    ['classifier/bias', f32([CLASSES], biases[1])],
    [
      'mask/dense1/kernel',
      { dtype: 'BOOL', shape: [PIXELS, HIDDEN], data: Uint8Array.from(first, (_, at) => (at % 3 ? 1 : 0)) },
    ],
  ] satisfies [string, Tensor][]);
  const facts = {
    model: { kind: 'lenet', hidden: [HIDDEN] },
    pruneClassifier: false,
    shape: [28, 28, 1],
    classes: Array.from({ length: CLASSES }, (_, digit) => `digit ${digit}`),
    normalisation: NORMALISATION,
    dataset: { kind: 'digits' },
    datasetDigest: digits.digest,
    split: { validation: 0.1, seed: 1, digest: '' },
  };
  writeSafetensors(path('own.safetensors'), tensors, factsMetadata(facts));
  writeNpz(path('own.npz'), tensors, factsMetadata(facts));
  writeSafetensors(
    path('torch.safetensors'),
    new Map([
      ['module.fc1.weight', f32([HIDDEN, PIXELS], transposed(first, PIXELS, HIDDEN))],
      ['module.fc1.bias', f32([HIDDEN], biases[0])],
      ['module.fc2.weight', f32([CLASSES, HIDDEN], transposed(second, HIDDEN, CLASSES))],
      ['module.fc2.bias', f32([CLASSES], biases[1])],
    ]),
  );
});

interface Evaluated {
  readonly names: string;
  readonly data: { readonly trainedOn: boolean | null; readonly images: number };
  readonly sparsity: { readonly prunable: number; readonly zeros: number; readonly pruned: number | null };
  readonly evaluation: { readonly accuracy: number; readonly nll: number };
  readonly classes: readonly { name: string; images: number; accuracy: number }[];
  readonly confusion: readonly (readonly number[])[];
}

const nowhere = ['--library', path('none')];
const torch = [
  ...['--model', MODEL, '--data', 'digits'],
  ...['--normalisation', JSON.stringify(NORMALISATION)],
];

describe.concurrent('evaluate', () => {
  test.for([
    ['a file of ours on what it was trained on', 'own.safetensors', []],
    ['an .npz', 'own.npz', []],
    ['a state dict of PyTorch', 'torch.safetensors', torch],
  ] as [string, string, string[]][])('%s', async ([, file, options], { expect }) => {
    const { code, document, stderr } = await swampJson<Evaluated>([
      ...['evaluate', path(file), ...options, ...nowhere],
    ]);
    expect(code, stderr).toBe(0);
    const { labels } = digits.test;
    const hits = probabilities.filter((row, at) => best(row) === labels[at]).length;
    const nll = probabilities.reduce((sum, row, at) => sum - Math.log(row[labels[at] ?? 0] ?? 0), 0);
    const { evaluation, confusion, classes, sparsity } = document;
    expect(evaluation.accuracy).toBe(hits / probabilities.length);
    expect(evaluation.nll).toBeCloseTo(nll / probabilities.length, 4);
    const expected = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
    for (const [at, row] of probabilities.entries()) {
      const line = expected[labels[at] ?? 0];
      if (line) line[best(row)] = (line[best(row)] ?? 0) + 1;
    }
    expect(confusion).toEqual(expected);
    for (const [label, { images, accuracy }] of classes.entries()) {
      const row = expected[label] ?? [];
      expect(images).toBe(row.reduce((sum, count) => sum + count, 0));
      expect(accuracy).toBe((row[label] ?? 0) / images);
    }
    const own = file !== 'torch.safetensors';
    expect(sparsity).toMatchObject({ prunable: PIXELS * HIDDEN, zeros: PRUNED, pruned: own ? PRUNED : null });
    expect(document.data).toMatchObject({ images: 2000, trainedOn: own ? true : null });
    expect(classes[3]?.name).toBe(own ? 'digit 3' : '3');
  });

  test('all images, training and test', async ({ expect }) => {
    const { document } = await swampJson<Evaluated>([
      ...['evaluate', path('own.npz'), '--split', 'all', ...nowhere],
    ]);
    expect(document.data.images).toBe(10_000);
  });
});

describe.concurrent('predict', () => {
  test('every probability, as CSV', async ({ expect }) => {
    const out = path('all.csv');
    const { code } = await swampJson(['predict', path('own.safetensors'), '--out', out, ...nowhere]);
    expect(code).toBe(0);
    const [header = '', ...rows] = readFileSync(out, 'utf8').trimEnd().split('\r\n');
    expect(header.split(',').slice(0, 5)).toEqual(['image', 'label', 'predicted', 'p_digit 0', 'p_digit 1']);
    expect(rows).toHaveLength(probabilities.length);
    for (const [at, row] of rows.entries()) {
      const [image, label, predicted, ...figures] = row.split(',');
      const expected = probabilities[at] ?? [];
      expect([image, label, predicted]).toEqual([
        String(at),
        `digit ${digits.test.labels[at]}`,
        `digit ${best(expected)}`,
      ]);
      for (const [index, figure] of figures.entries())
        expect(Math.abs(Number(figure) - (expected[index] ?? 0))).toBeLessThan(1e-5);
    }
  });

  test('the most probable classes, as .npz', async ({ expect }) => {
    const out = path('top.npz');
    const { code } = await swampJson([
      ...['predict', path('torch.safetensors'), ...torch, '--top', '3', '--out', out, ...nowhere],
    ]);
    expect(code).toBe(0);
    const { tensors } = readNpz(out);
    expect([...tensors.keys()].sort()).toEqual(['labels', 'p', 'predicted', 'top']);
    const top = tensorNamed(tensors, 'top', 'I32', out);
    const p = tensorNamed(tensors, 'p', 'F32', out);
    expect(top.shape).toEqual([2000, 3]);
    for (const [at, row] of probabilities.entries()) {
      const order = row.map((_, index) => index).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0));
      // By their probabilities: two that are equal but for a rounding may change places.
      for (const [rank, index] of top.data.subarray(3 * at, 3 * at + 3).entries())
        expect(row[Number(index)] ?? 0).toBeCloseTo(row[order[rank] ?? 0] ?? 0, 5);
      expect(p.data[3 * at]).toBeCloseTo(row[order[0] ?? 0] ?? 0, 5);
    }
  });

  test('a picture, made to fit: the image of the data set as a PNG gives the same', async ({ expect }) => {
    const image = digits.test.images.slice(0, PIXELS);
    // Twice as large and in colour; made smaller and grey it is the same again.
    const large = await sharp(image, { raw: { width: 28, height: 28, channels: 1 } })
      .resize(56, 56, { kernel: 'nearest' })
      .toColourspace('srgb')
      .png()
      .toBuffer();
    writeFileSync(path('three.png'), large);
    writeFileSync(
      path('same.png'),
      await sharp(image, { raw: { width: 28, height: 28, channels: 1 } })
        .png()
        .toBuffer(),
    );
    const predicted = async (name: string): Promise<{ image: string; probabilities: number[] }> => {
      const out = path(`${name}.json`);
      const { code, stderr } = await swampJson([
        ...['predict', path('own.safetensors'), '--data', path(`${name}.png`), '--out', out, ...nowhere],
      ]);
      expect(code, stderr).toBe(0);
      const { images } = JSON.parse(readFileSync(out, 'utf8')) as {
        images: { image: string; probabilities: number[] }[];
      };
      expect(images).toHaveLength(1);
      return images[0] ?? { image: '', probabilities: [] };
    };
    const same = await predicted('same');
    expect(same.image).toBe('same.png');
    for (const [index, p] of same.probabilities.entries())
      expect(p).toBeCloseTo(probabilities[0]?.[index] ?? 0, 5);
    const { probabilities: near } = await predicted('three');
    expect(best(near)).toBe(best(same.probabilities));
  });
});

describe.concurrent('refuses, and writes nothing', () => {
  const refusals: [what: string, args: string[], message: RegExp][] = [
    ['a file that is not there', ['evaluate', path('no.npz')], /there is no file .*no\.npz/],
    ['a file of no format', ['evaluate', path('own.pt')], /own\.pt/],
    [
      'a file that does not say its model',
      ['evaluate', path('torch.safetensors'), '--data', 'digits'],
      /does not say which model/,
    ],
    [
      'a file that does not say its data',
      ['evaluate', path('torch.safetensors'), '--model', MODEL],
      /none are given/,
    ],
    ['an unknown model', ['evaluate', path('torch.safetensors'), '--model', 'vgg'], /"vgg"/],
    [
      'another model',
      ['evaluate', path('torch.safetensors'), '--data', 'digits', '--model', '{"kind":"lenet","hidden":[8]}'],
      /does not fit this lenet.*\n.*3 of another shape: fc1\.weight is \[7, 784\], the model's is \[8, 784\]/,
    ],
    ['unknown data', ['evaluate', path('own.npz'), '--data', 'mnist'], /--data mnist: neither/],
    [
      'an unknown kind with a path',
      ['evaluate', path('own.npz'), '--data', 'mnist:x'],
      /there is no kind of data set "mnist"/,
    ],
    [
      'a path for data without one',
      ['evaluate', path('own.npz'), '--data', 'digits:x'],
      /digits lies in no folder/,
    ],
    ['an unknown split', ['evaluate', path('own.npz'), '--split', 'dev'], /--split dev/],
    ['an unknown naming', ['evaluate', path('own.npz'), '--names', 'keras'], /"keras"/],
    [
      'a setting of another thing',
      ['evaluate', path('own.npz'), '--set', 'recipe.epochs=1'],
      /only the data set/,
    ],
    [
      'a normalisation that is none',
      ['evaluate', path('own.npz'), '--normalisation', '[1]'],
      /--normalisation \[1\]/,
    ],
    [
      'a normalisation of other channels',
      ['evaluate', path('own.npz'), '--normalisation', '{"mean":[1,2],"deviation":[1,2]}'],
      /2 figures of mean for images of 1 channels/,
    ],
    ['predictions to an unknown format', ['predict', path('own.npz'), '--out', path('x.xlsx')], /x\.xlsx/],
    [
      'more classes than there are',
      ['predict', path('own.npz'), '--out', path('x.csv'), '--top', '11'],
      /--top 11.*10 classes/,
    ],
    [
      'a picture that is none',
      ['predict', path('own.npz'), '--data', path('bad.png'), '--out', path('x.csv')],
      /bad\.png cannot be read as a picture/,
    ],
    ['a picture to evaluate', ['evaluate', path('own.npz'), '--data', path('bad.png')], /without labels/],
  ];
  test.for(refusals)('%s', async ([, args, message], { expect }) => {
    writeFileSync(path('bad.png'), 'no picture');
    const { code, document, stderr } = await swampJson<{ error: { message: string; exitCode: number } }>([
      ...[...args, ...nowhere],
    ]);
    expect(document.error.message).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect([code, document.error.exitCode]).toEqual([2, 2]);
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([]);
  });

  test('data of another shape or number of classes, with both figures', async ({ expect }) => {
    const other = path('pictures');
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      mkdirSync(join(other, name), { recursive: true });
      for (let copy = 0; copy < 4; copy++) {
        const colour = { r: 60 * index, g: 20 * copy, b: 9 };
        const picture = sharp({ create: { width: 12, height: 10, channels: 3, background: colour } });
        writeFileSync(join(other, name, `${copy}.png`), await picture.png().toBuffer());
      }
    }
    const said = async (...args: string[]): Promise<string> => {
      const { code, document } = await swampJson<{ error: { message: string } }>([
        ...['evaluate', path('own.safetensors'), '--data', other, ...args, ...nowhere],
      ]);
      expect(code).toBe(2);
      return document.error.message;
    };
    // Folders of pictures are made to fit, so only the classes are wrong.
    expect(await said()).toMatch(/knows 10 classes, .* has 3/);
    expect(await said('--set', 'dataset.size=[10,12]', '--set', 'dataset.channels=3')).toMatch(
      /takes images of 28×28×1, those of .* are 10×12×3/,
    );
  });
});
