import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileDigest } from '../checkpoint/files.ts';
import { writeSafetensors } from '../checkpoint/safetensors.ts';
import type { Tensor, Tensors } from '../checkpoint/tensor.ts';
import { DataError } from '../contract/errors.ts';
import type { Digest, JobKey } from '../contract/ids.ts';
import { ALIVE, type SpecOf } from '../contract/job.ts';
import { modelLayout } from '../models/registry.ts';
import type { JobContext } from './context.ts';
import { MemoryPartial, randomWeights } from './fixtures.ts';
import { importFile, readStartMask, readStartWeights } from './import.ts';
import { weightTensors } from './flat.ts';
import type { Workspace } from './workspace.ts';

const DIGEST = 'f'.repeat(64) as Digest;
const model = { kind: 'lenet', hidden: [3] };
const shape = [2, 2, 1];
const network = { model, shape, classes: 2 };
const layout = modelLayout(model, shape, 2, false);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'swamp-import-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Runs an import job on a file in a library of its own. */
function run(path: string, change: Partial<SpecOf<'import'>>, digest: string = fileDigest(path)) {
  let stored: Tensors = new Map();
  const spec: SpecOf<'import'> = {
    kind: 'import',
    take: 'weights',
    digest,
    names: 'swamp',
    ...network,
    ...change,
  };
  const context: JobContext = {
    order: {
      key: 'k'.repeat(64) as JobKey,
      spec,
      inputs: {},
      source: { kind: 'digits' },
      files: { [digest]: path },
    },
    // Neither TensorFlow nor data are needed.
    workspace: undefined as unknown as Workspace,
    objects: {
      read: () => ({ tensors: stored, metadata: {} }),
      put: (tensors) => {
        stored = tensors;
        return { digest: DIGEST, bytes: 0 };
      },
    },
    partial: new MemoryPartial(),
    progress: () => undefined,
    stopRequested: () => false,
  };
  return { output: importFile(spec, context), stored };
}

const kernelMask = (name: string, ...kept: number[]): [string, Tensor] => [
  name,
  { dtype: 'U8', shape: [4, 3], data: Uint8Array.from(kept) },
];

describe('weights', () => {
  test('come into the library as they are, bit by bit', () => {
    const weights = randomWeights(layout);
    const path = join(folder(), 'net.safetensors');
    writeSafetensors(path, weightTensors(layout, weights));
    const { output, stored } = run(path, {});
    expect(output.outputs).toEqual({ solution: DIGEST });
    expect([...stored]).toEqual([...weightTensors(layout, weights)]);
  });

  test('that are not finite are refused', () => {
    const weights = randomWeights(layout);
    weights[5] = Infinity;
    const path = join(folder(), 'net.npz.safetensors');
    writeSafetensors(path, weightTensors(layout, weights));
    expect(() => readStartWeights({ path, names: 'auto' }, network, layout)).toThrow(/holds Infinity/);
  });

  test('of a file that changed since the plan are refused', () => {
    const path = join(folder(), 'net.safetensors');
    writeSafetensors(path, weightTensors(layout, randomWeights(layout, 1)));
    const planned = fileDigest(path);
    writeSafetensors(path, weightTensors(layout, randomWeights(layout, 2)));
    expect(() => run(path, {}, planned)).toThrow(DataError);
    expect(() => run(path, {}, planned)).toThrow(/changed since the experiment was planned/);
  });
});

describe('a mask', () => {
  test('comes with the weights alive in each layer', () => {
    const path = join(folder(), 'mask.safetensors');
    writeSafetensors(path, new Map([kernelMask('mask/dense1/kernel', 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1)]));
    const { output, stored } = run(path, { take: 'mask', pruneClassifier: false });
    expect(output.outputs).toEqual({ mask: DIGEST });
    expect(output.series[ALIVE]).toEqual([6]);
    expect([...stored.keys()]).toEqual(['mask/dense1/kernel']);
  });

  test('of the classifier needs pruneClassifier; layers without one are whole', () => {
    const path = join(folder(), 'mask.safetensors');
    const classifier: Tensor = { dtype: 'BOOL', shape: [3, 2], data: Uint8Array.of(1, 1, 0, 1, 1, 1) };
    writeSafetensors(path, new Map([['mask/classifier/kernel', classifier]]));
    expect(() => readStartMask({ path, names: 'auto' }, network, layout)).toThrow(
      /prunes 1 weights of classifier\/kernel/,
    );
    const whole = modelLayout(model, shape, 2, true);
    const { value } = readStartMask({ path, names: 'auto' }, network, whole);
    expect(value.filter((kept) => kept === 0)).toHaveLength(1);
  });

  test('of biases is refused unless it keeps them all', () => {
    const path = join(folder(), 'mask.safetensors');
    const bias = (last: number): [string, Tensor] => [
      'mask/dense1/bias',
      { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 1, last) },
    ];
    const kernel = kernelMask('mask/dense1/kernel', ...new Array<number>(12).fill(1));
    writeSafetensors(path, new Map([bias(0), kernel]));
    expect(() => readStartMask({ path, names: 'auto' }, network, layout)).toThrow(/dense1\/bias/);
    writeSafetensors(path, new Map([bias(1), kernel]));
    expect(readStartMask({ path, names: 'auto' }, network, layout).value).not.toContain(0);
  });

  test('a file that is none is refused', () => {
    const path = join(folder(), 'mask.safetensors');
    writeFileSync(path, 'no tensors');
    expect(() => readStartMask({ path, names: 'auto' }, network, layout)).toThrow(/not a sound safetensors/);
  });
});
