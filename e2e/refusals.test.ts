import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { writeSafetensors } from '../src-main/checkpoint/safetensors.ts';
import { jsonLine, swamp, temporaryFolder } from './cli.ts';

/** Bad input, case by case: one clear message with the value and the way out, exit code 2, and nothing left behind. */

const good = {
  name: 'tiny',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16] },
  recipe: { epochs: 1 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 2 },
  arms: ['imp'],
};

/** One record of CIFAR-10's binary version is a label and 3,072 bytes. */
const records = (labels: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(labels.length * 3073);
  for (const [at, label] of labels.entries()) bytes[at * 3073] = label;
  return bytes;
};
const labels = Array.from({ length: 20 }, (_, index) => index % 10);

interface Case {
  readonly what: string;
  /** Laid over the good file's keys. */
  readonly file?: Readonly<Record<string, unknown>>;
  /** In place of a file. */
  readonly text?: string;
  /** In place of the file's path. */
  readonly name?: string;
  readonly set?: readonly string[];
  /** Files in the folder `cifar`. */
  readonly cifar?: Readonly<Record<string, Uint8Array>>;
  /** Shape of the mask in mask.safetensors, as the state dict of a LeNet of ours has it: all alive. */
  readonly mask?: readonly [inputs: number, outputs: number];
  /** What the message names, and what the hint or the message offers. */
  readonly says: readonly RegExp[];
}

const cifar = {
  dataset: { kind: 'cifar10', path: 'cifar' },
  model: { kind: 'resnet', depth: 8, width: 4 },
  recipe: { epochs: 1, schedule: 'cosine' },
};

const cases: readonly Case[] = [
  { what: 'an unknown preset', name: 'demmo', says: [/"demmo"/, /demo/] },
  {
    what: 'a file that is not there',
    name: 'nowhere.json',
    says: [/no file nowhere\.json/, /swamp presets/],
  },
  { what: 'a folder', name: '.', says: [/\. is a folder/] },
  { what: 'an empty file', text: '', says: [/experiment\.json is empty/] },
  {
    what: 'a file that is not JSON',
    text: '{ "name": tiny }',
    says: [/experiment\.json is not JSON/, /presets/],
  },
  { what: 'JSON that is no object', text: '[1]', says: [/object in braces/, /\[1\]/] },
  { what: 'an unknown key', file: { recip: {} }, says: [/recip: unknown key/, /recipe/] },
  { what: 'an unknown key inside', set: ['recipe.epoch=3'], says: [/recipe\.epoch: unknown key/, /epochs/] },
  { what: 'an unknown data set', file: { dataset: 'mnist' }, says: [/"mnist"/, /digits/] },
  { what: 'an unknown model', file: { model: 'vgg' }, says: [/"vgg"/, /resnet/] },
  { what: 'an unknown arm', file: { arms: ['imp', 'swmp'] }, says: [/arms\[1\].*"swmp"/, /swamp/] },
  { what: 'an unknown schedule', set: ['recipe.schedule=cosinus'], says: [/"cosinus"/, /cosine/] },
  { what: 'an unknown sparsity schedule', set: ['sparsity=cubical'], says: [/"cubical"/, /geometric/] },
  { what: 'an unknown criterion', set: ['criterion=size'], says: [/"size"/, /magnitude/] },
  { what: 'an unknown engine', set: ['engine=tpu'], says: [/engine.*"tpu"/, /"cpu"/] },
  {
    what: 'a soup of nothing',
    file: { arms: [{ kind: 'soup', factors: [] }] },
    says: [/arms\[0\]\.factors/, /2/],
  },
  {
    what: 'an arm whose rule never comes to act',
    file: { arms: ['imp', 'rigl'] },
    says: [/arms\[1\]: rigl, every 100 steps until 0\.75 of 56 steps: no update/, /every to fewer than 42/],
  },
  {
    what: 'densities that leave a layer nothing',
    file: {
      model: { kind: 'lenet', hidden: [300, 2] },
      sparsity: { kind: 'explicit', sparsities: [0.9999] },
    },
    set: ['scope=uniform'],
    says: [/sparsity: of 24 of 235800 weights.* would leave dense2\/kernel none/, /lower sparsity/],
  },
  {
    what: 'a mask beside an arm that draws its own',
    file: { arms: ['imp', { kind: 'set', every: 10 }], start: { mask: 'mask.safetensors' } },
    mask: [784, 16],
    says: [/start\.mask: set draws masks of its own/, /Leave start\.mask out/],
  },
  {
    what: 'a mask of another model',
    file: { start: { mask: 'mask.safetensors' } },
    mask: [784, 8],
    says: [/start\.mask: .*does not fit/, /\[784, 8\], the model's is \[784, 16\]/],
  },
  { what: 'no arms', file: { arms: [] }, says: [/arms/, /imp/] },
  { what: 'an arm twice', file: { arms: ['imp', 'imp'] }, says: [/arms\[1\]: imp is already arms\[0\]/] },
  { what: 'a seed twice', set: ['seeds=[1,1]'], says: [/seeds\[1\]/, /1/] },
  {
    what: 'no particles',
    file: { arms: [{ kind: 'swamp', particles: 0 }] },
    says: [/particles.*0.*at least 1/],
  },
  {
    what: 'a fraction above 1',
    set: ['sparsity.fraction=1.5'],
    says: [/sparsity\.fraction.*1\.5/, /less than 1/],
  },
  {
    what: 'sparsities that fall',
    file: { sparsity: { kind: 'explicit', sparsities: [0.5, 0.4] } },
    says: [/sparsities/, /0\.4/],
  },
  {
    what: 'more rounds than weights',
    set: ['sparsity.rounds=60'],
    says: [/would leave 0 of 12544/, /fewer rounds/],
  },
  {
    what: 'a batch larger than the data',
    set: ['recipe.batch=9000'],
    says: [/recipe\.batch: 9000.*7200/, /smaller batch/],
  },
  {
    what: 'a negative learning rate',
    set: ['recipe.learningRate=-1'],
    says: [/learningRate.*-1/, /greater than 0/],
  },
  { what: 'no epochs', set: ['recipe.epochs=0'], says: [/recipe\.epochs.*0/] },
  {
    what: 'a ticket in epochs and iterations',
    set: ['ticket={"epochs":1,"iterations":2}'],
    says: [/epochs or iterations/],
  },
  { what: 'a warm-up longer than the training', set: ['recipe.warmup=1000'], says: [/warmup.*1000/] },
  {
    what: 'a milestone that never comes',
    set: ['recipe.schedule={"kind":"step","milestones":[5]}'],
    says: [/epoch 5 never comes/],
  },
  { what: 'a name with a slash', set: ['name=a/b'], says: [/name.*"a\/b"/] },
  { what: 'a model that does not fit', set: ['model={"kind":"resnet","depth":9}'], says: [/depth.*9/] },
  { what: 'a setting without =', set: ['recipe.epochs'], says: [/recipe\.epochs/, /a path, = and a value/] },
  { what: 'a setting of something that is no key', set: ['arms[7]=imp'], says: [/arms\[7\]/] },
  {
    what: 'CIFAR-10 without a folder',
    file: { ...cifar, dataset: 'cifar10' },
    says: [/dataset\.path/, /--set dataset\.path=DIR/],
  },
  { what: 'a CIFAR-10 folder that is not there', file: cifar, says: [/cifar: there is no such folder/] },
  {
    what: 'a CIFAR-10 folder without batches',
    file: cifar,
    cifar: {},
    says: [/no data_batch_\*\.bin in .*cifar/],
  },
  {
    what: 'a CIFAR-10 folder without test batch',
    file: cifar,
    cifar: { 'data_batch_1.bin': records(labels) },
    says: [/no test_batch\.bin/],
  },
  {
    what: 'an empty batch',
    file: cifar,
    cifar: { 'data_batch_1.bin': new Uint8Array(), 'test_batch.bin': records(labels) },
    says: [/data_batch_1\.bin is empty/],
  },
  {
    what: 'a truncated batch',
    file: cifar,
    cifar: { 'data_batch_1.bin': records(labels).subarray(0, -500), 'test_batch.bin': records(labels) },
    says: [/data_batch_1\.bin is truncated/, /19 records/],
  },
  {
    what: 'label 77',
    file: cifar,
    cifar: { 'data_batch_1.bin': records([3, 77]), 'test_batch.bin': records(labels) },
    says: [/data_batch_1\.bin, record 1: label 77/],
  },
  {
    what: 'more images than there are',
    file: { ...cifar, dataset: { ...cifar.dataset, train: 50 } },
    cifar: { 'data_batch_1.bin': records(labels), 'test_batch.bin': records(labels) },
    says: [/50 training images.*20/],
  },
];

describe.concurrent('bad input is refused, and nothing is left behind', () => {
  test.for(cases)('$what', async (each, context) => {
    const { expect } = context;
    const folder = temporaryFolder(context);
    const files = join(folder, 'files');
    mkdirSync(files);
    writeFileSync(join(files, 'experiment.json'), each.text ?? JSON.stringify({ ...good, ...each.file }));
    if (each.mask) {
      const data = new Uint8Array(each.mask[0] * each.mask[1]).fill(1);
      const tensor = { dtype: 'BOOL', shape: [...each.mask], data } as const;
      writeSafetensors(join(files, 'mask.safetensors'), new Map([['mask/dense1/kernel', tensor]]));
    }
    if (each.cifar) {
      mkdirSync(join(files, 'cifar'));
      for (const [name, bytes] of Object.entries(each.cifar))
        writeFileSync(join(files, 'cifar', name), bytes);
    }
    const before = readdirSync(files, { recursive: true });
    const library = join(folder, 'library');
    const ended = await swamp(
      [
        ...['run', each.name ?? 'experiment.json', '--library', library, '--json'],
        ...(each.set ?? []).flatMap((set) => ['--set', set]),
      ],
      { cwd: files },
    );
    const { error } = jsonLine<{ error: { message: string; hint: string; exitCode: number } }>(ended);
    for (const words of each.says) expect(`${error.message}\n${error.hint}`).toMatch(words);
    expect([ended.code, error.exitCode]).toEqual([2, 2]);
    expect(error.hint).not.toBe('');
    // People read the same on standard error, and no stack.
    expect(ended.stderr).toContain(`error: ${error.message}\n${error.hint}`);
    expect(ended.stderr).not.toMatch(/\n {4}at /);
    expect(error.message.split('\n').length).toBeLessThanOrEqual(3);
    expect(existsSync(library)).toBe(false);
    expect(readdirSync(files, { recursive: true })).toEqual(before);
  });
});
