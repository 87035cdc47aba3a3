import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportFormat } from '../src-main/checkpoint/formats.ts';
import { Comparison } from '../src-main/contract/compare.ts';
import { inLibrary, makeFolder, removeFolder, swamp, swampJson, temporaryFolder } from './cli.ts';

const experiment = {
  name: 'small',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16, 12] },
  recipe: { epochs: 1 },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 2 },
  arms: [
    { kind: 'imp-ensemble', members: 2 },
    { kind: 'swamp', particles: 2 },
  ],
};
const PRUNABLE = 784 * 16 + 16 * 12;

interface Exported {
  readonly run: string;
  readonly round: number;
  readonly file: string;
  readonly card: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly sparsity: number;
  readonly zeros: number;
  readonly evaluation: unknown;
}

const folder = makeFolder();
const library = join(folder, 'library');
let id = '';
let comparison: Comparison;

beforeAll(async () => {
  const file = join(folder, 'small.json');
  writeFileSync(file, JSON.stringify(experiment));
  const run = await swampJson<{ experiment: string }>(['run', file, '--library', library]);
  expect(run.code, run.stderr).toBe(0);
  id = run.document.experiment;
  const compared = await swampJson(['compare', id, '--library', library]);
  comparison = Comparison.parse(compared.document);
});
afterAll(() => removeFolder(folder));

/** Tensors of an exported file; what the masks say is checked against the weights. */
function open(file: string, format: string): { pruned: number; names: string[] } {
  const { tensors } = exportFormat(format).read(file);
  let pruned = 0;
  for (const [name, mask] of tensors) {
    if (!name.startsWith('mask/')) continue;
    const weights = tensors.get(name.slice('mask/'.length));
    expect(weights?.shape).toEqual(mask.shape);
    for (const [at, kept] of mask.data.entries()) {
      if (kept === 1) continue;
      pruned++;
      // +0, not −0: the bits are zero.
      if (!Object.is(weights?.data[at], 0)) throw new Error(`${name}[${at}] is ${weights?.data[at]}`);
    }
  }
  return { pruned, names: [...tensors.keys()].sort() };
}

function stored(arm: string, round: number): Comparison['arms'][number]['rounds'][number]['seeds'][number] {
  const seed = comparison.arms.find((each) => each.arm === arm)?.rounds[round]?.seeds[0];
  if (!seed) throw new Error(`no ${arm} round ${round}`);
  return seed;
}

describe.concurrent('export', () => {
  test('the last round by default, as safetensors', async ({ expect }) => {
    const out = join(folder, 'last.safetensors');
    const { code, document, stderr } = await swampJson<Exported>([
      ...['export', `${id}/swamp`, '--library', library, '--out', out],
    ]);
    expect(code, stderr).toBe(0);
    const { pruned, names } = open(out, 'safetensors');
    const alive = Math.floor(0.25 * PRUNABLE + 0.5);
    expect(pruned).toBe(PRUNABLE - alive);
    expect(document).toMatchObject({ run: `${id}/swamp-2/1`, round: 2, file: out, card: `${out}.md` });
    expect(document.sparsity).toBe((PRUNABLE - alive) / PRUNABLE);
    expect(document.zeros).toBeGreaterThanOrEqual(pruned);
    expect(document.sha256).toBe(createHash('sha256').update(readFileSync(out)).digest('hex'));
    expect(document.bytes).toBe(readFileSync(out).byteLength);
    const { test: figures, validation } = stored('swamp(2)', 2);
    expect(document.evaluation).toEqual({ test: figures, validation });
    expect(names).toEqual([
      ...[
        'classifier/bias',
        'classifier/kernel',
        'dense1/bias',
        'dense1/kernel',
        'dense2/bias',
        'dense2/kernel',
      ],
      ...['mask/dense1/kernel', 'mask/dense2/kernel'],
    ]);
    expect(readFileSync(`${out}.md`, 'utf8')).toContain(document.sha256);
  });

  test('a round and a member of an ensemble, as npz', async ({ expect }) => {
    const out = join(folder, 'member.npz');
    const { code, document, stderr } = await swampJson<Exported>([
      ...[
        'export',
        `${id}/imp-ensemble`,
        '--round',
        '1',
        '--member',
        '1',
        '--library',
        library,
        '--out',
        out,
      ],
    ]);
    expect(code, stderr).toBe(0);
    expect(document.round).toBe(1);
    expect(open(out, 'npz').pruned).toBe(PRUNABLE - Math.floor(0.5 * PRUNABLE + 0.5));
    expect(document.evaluation).toEqual(stored('imp-ensemble(2)', 1).particles[1]);
  });

  test('the smallest network within some points of dense', async ({ expect }) => {
    const out = join(folder, 'smallest.safetensors');
    const at = ['export', `${id}/swamp`, '--library', library, '--out', out];
    // So many points that the last round holds, whatever it has.
    const { code, document, stderr } = await swampJson<Exported>([...at, '--within', '100']);
    expect(code, stderr).toBe(0);
    expect(document.round).toBe(2);
    const chosen = comparison.smallest.arms.find(({ arm }) => arm === 'swamp(2)')?.seeds[0]?.network?.round;
    const smallest = await swampJson<Exported>([...at, '--smallest']);
    expect(smallest.document.round).toBe(chosen);
    const both = await swamp([...at, '--smallest', '--round', '1']);
    expect([both.code, both.stdout]).toEqual([2, '']);
    expect(both.stderr).toMatch(/--smallest chooses the round/);
  });

  test('round 0 is dense; --format goes before the name', async ({ expect }) => {
    const out = join(folder, 'dense.bin');
    const { code } = await swampJson<Exported>([
      ...[
        'export',
        `${id}/swamp`,
        '--round',
        '0',
        '--format',
        'safetensors',
        '--library',
        library,
        '--out',
        out,
      ],
    ]);
    expect(code).toBe(0);
    expect(open(out, 'safetensors').pruned).toBe(0);
  });
});

describe.concurrent('a network of a run, evaluated without a file', () => {
  interface Evaluated {
    readonly evaluation: { readonly accuracy: number; readonly nll: number };
    readonly sparsity: { readonly pruned: number };
    readonly error?: { readonly message: string };
  }
  const evaluate = (...args: string[]) => swampJson<Evaluated>(['evaluate', ...args, '--library', library]);

  test.each([
    [1, ['--round', '1']],
    [2, []],
  ])('gives the figures of round %i of its run', async (round, args) => {
    const { code, document, stderr } = await evaluate(`${id}/swamp-2/1`, ...args);
    expect(code, stderr).toBe(0);
    expect(document).toMatchObject({ file: null, run: `${id}/swamp-2/1`, round });
    const at = comparison.arms.find(({ kind }) => kind === 'swamp')?.rounds[round];
    expect(document.evaluation.accuracy).toBeCloseTo(at?.seeds[0]?.test.accuracy ?? NaN, 6);
    expect(document.evaluation.nll).toBeCloseTo(at?.seeds[0]?.test.nll ?? NaN, 4);
    expect(document.sparsity.pruned / PRUNABLE).toBeCloseTo(at?.sparsity ?? NaN, 10);
  });

  test.each<[what: string, args: () => string[], words: RegExp]>([
    ['a round', () => [`${id}/swamp-2/1`, '--round', '9'], /--round 9: .* has rounds 0 to 2/],
    ['which network of an ensemble', () => [`${id}/imp-ensemble-2/1`], /ensemble of 2 networks/],
    ['a run', () => ['nobody/imp/1'], /nobody\/imp\/1/],
    ['a run for a round', () => [join(folder, 'small.json'), '--round', '1'], /of a run, and .* is a file/],
  ])('needs %s that there is', async (_what, args, words) => {
    const { code, document } = await evaluate(...args());
    expect(document.error?.message).toMatch(words);
    expect(code).toBe(2);
  });
});

describe.concurrent('refuses, and writes nothing', () => {
  const refusals: [what: string, args: (out: string) => string[], message: RegExp][] = [
    [
      'a round that is not there',
      (out) => ['swamp', '--round', '3', '--out', join(out, 'x.npz')],
      /--round 3.*rounds 0 to 2/,
    ],
    [
      'a round that is no number',
      (out) => ['swamp', '--round', 'last', '--out', join(out, 'x.npz')],
      /'last'.*whole number/,
    ],
    ['an ensemble without a member', (out) => ['imp-ensemble', '--out', join(out, 'x.npz')], /ensemble of 2/],
    [
      'a member that is not there',
      (out) => ['imp-ensemble', '--member', '2', '--out', join(out, 'x.npz')],
      /--member 2/,
    ],
    [
      'a member of one network',
      (out) => ['swamp', '--member', '1', '--out', join(out, 'x.npz')],
      /--member 1.*1 network/,
    ],
    ['an unknown run', (out) => ['rigl', '--out', join(out, 'x.npz')], /rigl/],
    ['an unknown format', (out) => ['swamp', '--format', 'onnx', '--out', join(out, 'x.npz')], /"onnx"/],
    ['a name that says no format', (out) => ['swamp', '--out', join(out, 'x.bin')], /x\.bin/],
    ['a folder that is not there', (out) => ['swamp', '--out', join(out, 'no', 'x.npz')], /no folder .*no/],
    ['a folder', (out) => ['swamp', '--out', join(out, 'folder.npz')], /folder\.npz: this is a folder/],
    ['a file as folder', (out) => ['swamp', '--out', join(out, 'file', 'x.npz')], /file is not a folder/],
    ['no file', () => ['swamp'], /--out/],
  ];
  test.for(refusals)('%s', async ([, args, message], context) => {
    const { expect } = context;
    const out = temporaryFolder(context);
    mkdirSync(join(out, 'folder.npz'));
    writeFileSync(join(out, 'file'), '');
    const [run = '', ...rest] = args(out);
    const { code, document, stderr } = await swampJson<{ error: { message: string; exitCode: number } }>([
      ...['export', `${id}/${run}`, ...rest, '--library', library],
    ]);
    expect(document.error.message).toMatch(message);
    expect(stderr).toContain(document.error.message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect([code, document.error.exitCode]).toEqual([2, 2]);
    expect(readdirSync(out).sort()).toEqual(['file', 'folder.npz']);
    expect(readdirSync(join(out, 'folder.npz'))).toEqual([]);
  });

  test('a damaged library is not exported from', async (context) => {
    const { expect } = context;
    // The object of the ensemble's second member in round 2: nobody else in this file asks for it.
    const digest = inLibrary(library, ({ store }) => {
      const { jobs, runJobs } = store.plan(store.findExperiment(id));
      const link = runJobs.find(
        ({ run, role, round, index }) =>
          run.includes('imp-ensemble') && role === 'particle' && round === 2 && index === 1,
      );
      return store.result(jobs.find(({ key }) => key === link?.job)?.key ?? (id as never))?.outputs[
        'solution'
      ];
    });
    const object = inLibrary(library, ({ objects }) => objects.path(digest ?? ('' as never)));
    const bytes = readFileSync(object);
    writeFileSync(object, bytes.subarray(0, bytes.length / 2));
    const out = temporaryFolder(context);
    const { code, document } = await swampJson<{ error: { message: string } }>([
      ...['export', `${id}/imp-ensemble`, '--member', '1', '--library', library, '--out', join(out, 'x.npz')],
    ]);
    expect(document.error.message).toMatch(/damaged/);
    expect(code).toBe(4);
    expect(readdirSync(out)).toEqual([]);
  });
});
