import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSafetensors } from '../src-main/checkpoint/safetensors.ts';
import type { Tensor } from '../src-main/checkpoint/tensor.ts';
import { exportFormat } from '../src-main/checkpoint/formats.ts';
import { pseudoRandom } from '../src-main/training/fixtures.ts';
import { inLibrary, makeFolder, removeFolder, swampJson } from './cli.ts';

// An experiment that starts from a pruned state dict of PyTorch: weights and mask in one file.

const HIDDEN = 6;
const PIXELS = 784;
const PRUNABLE = PIXELS * HIDDEN;

const folder = makeFolder();
afterAll(() => removeFolder(folder));
const library = join(folder, 'library');
const file = join(folder, 'given.safetensors');

const random = pseudoRandom(3);
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => (random() - 0.5) * 0.2);
/** [out, in], as PyTorch has it; every fourth weight is pruned. */
const first = draw(PRUNABLE);
const kept = Float32Array.from(first, (_, at) => (at % 4 === 0 ? 0 : 1));

let id = '';

beforeAll(async () => {
  const f32 = (shape: number[], data: Float32Array): Tensor => ({ dtype: 'F32', shape, data });
  writeSafetensors(
    file,
    new Map([
      ['fc1.weight_orig', f32([HIDDEN, PIXELS], first)],
      ['fc1.weight_mask', f32([HIDDEN, PIXELS], kept)],
      ['fc1.bias', f32([HIDDEN], draw(HIDDEN))],
      ['fc2.weight', f32([10, HIDDEN], draw(10 * HIDDEN))],
      ['fc2.bias', f32([10], draw(10))],
    ]),
  );
  const experiment = {
    name: 'given',
    dataset: 'digits',
    model: { kind: 'lenet', hidden: [HIDDEN] },
    recipe: { epochs: 1 },
    ticket: { iterations: 0 },
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 1 },
    arms: ['imp', { kind: 'imp-ensemble', members: 2 }],
    seeds: [1, 2],
    start: { weights: file, mask: file },
  };
  writeFileSync(join(folder, 'given.json'), JSON.stringify(experiment));
  const run = await swampJson<{ experiment: string }>([
    ...['run', join(folder, 'given.json'), '--library', library],
  ]);
  expect(run.code, run.stderr).toBe(0);
  id = run.document.experiment;
});

test('every ticket is the weights as PyTorch computes them, in our order', () => {
  inLibrary(library, ({ store, objects }) => {
    const tickets = store.plan(store.findExperiment(id)).jobs.filter(({ kind }) => kind === 'train-ticket');
    // Two seeds, two members each.
    expect(tickets).toHaveLength(4);
    for (const { key } of tickets) {
      const digest = store.result(key)?.outputs['solution'];
      const kernel = digest && objects.read(digest).tensors.get('dense1/kernel');
      expect(kernel?.shape).toEqual([PIXELS, HIDDEN]);
      for (let out = 0; out < HIDDEN; out++)
        for (let pixel = 0; pixel < PIXELS; pixel++) {
          const at = out * PIXELS + pixel;
          const given = at % 4 === 0 ? 0 : (first[at] ?? NaN);
          if (kernel?.data[pixel * HIDDEN + out] !== given) throw new Error(`weight ${out}, ${pixel}`);
        }
    }
  });
});

test('round 0 trains under the mask, and the next round prunes half of what it left', async () => {
  const out = async (round: number) => {
    const path = join(folder, `round${round}.safetensors`);
    const { code, document } = await swampJson<{ sparsity: number }>([
      ...['export', `${id}/imp/1`, '--round', String(round), '--out', path, '--library', library],
    ]);
    expect(code).toBe(0);
    return { sparsity: document.sparsity, ...exportFormat('safetensors').read(path) };
  };
  const [dense, next] = [await out(0), await out(1)];
  expect([dense.sparsity, next.sparsity]).toEqual([0.25, 1 - 0.375]);
  for (const { tensors } of [dense, next]) {
    const weights = tensors.get('dense1/kernel')?.data ?? [];
    let revived = 0;
    for (let at = 0; at < PRUNABLE; at += 4) {
      const [unit, pixel] = [Math.floor(at / PIXELS), at % PIXELS];
      if (weights[pixel * HIDDEN + unit] !== 0) revived++;
    }
    expect(revived).toBe(0);
  }
});

test('a file that does not fit is refused before anything is stored', async () => {
  const fresh = join(folder, 'fresh');
  const { code, document } = await swampJson<{ error: { message: string } }>([
    ...['run', join(folder, 'given.json'), '--set', 'model.hidden=[5]', '--library', fresh],
  ]);
  expect(code).toBe(2);
  expect(document.error.message).toMatch(/fc1\.weight is \[6, 784\], the model's is \[5, 784\]/);
  expect(() => inLibrary(fresh, () => undefined)).toThrow(/no library/);
});
