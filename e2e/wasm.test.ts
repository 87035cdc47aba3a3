import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { Evaluation } from '../src-main/contract/metrics.ts';
import type { Task } from '../src-main/contract/job.ts';
import { checkExport } from '../src-main/training/check.ts';
import { Workspace } from '../src-main/training/workspace.ts';
import { inLibrary, jobsOf, swampJson, temporaryFolder } from './cli.ts';

// Whole experiments without TensorFlow: the engine's cache is an empty folder, there is no Python and no compiler on
// the path, and what comes out is opened by TensorFlow afterwards.

const common = {
  dataset: 'digits',
  engine: 'wasm',
  seeds: [1],
  ticket: { iterations: 5 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 1 },
};

test.each([
  {
    ...common,
    name: 'lenet-wasm',
    model: { kind: 'lenet', hidden: [16, 12] },
    recipe: { epochs: 1 },
    swa: { start: 0.5, every: 10 },
    arms: [{ kind: 'swamp', particles: 2 }],
  },
  {
    ...common,
    name: 'resnet-wasm',
    model: { kind: 'resnet', depth: 8, width: 2 },
    // Few images to train on, for speed.
    split: { validation: 0.8 },
    recipe: { epochs: 1, batch: 200, schedule: 'constant', augment: { flip: false, crop: 2 } },
    arms: ['imp'],
  },
])(
  '$name, from the file to the export',
  async (config) => {
    const folder = temporaryFolder({ onTestFinished });
    const [library, cache, file] = ['library', 'cache', 'experiment.json'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    writeFileSync(file, JSON.stringify(config));
    const options = { env: { SWAMP_ENGINE_CACHE: cache, PATH: folder } };
    const run = await swampJson<{ experiment: string; state: string }>(
      ['run', file, '--library', library],
      options,
    );
    expect(run.code, run.stderr).toBe(0);
    expect(run.document.state).toBe('done');
    expect(run.stderr).toContain('CPU (WebAssembly)');

    const jobs = [...jobsOf(library).values()];
    const tasks = jobs.flatMap(({ spec }) => ('task' in spec ? [spec.task] : []));
    expect(new Set(tasks.map(({ backend, threads }) => `${backend} ${threads}`))).toEqual(
      new Set(['wasm 1']),
    );
    const keys = jobs.map(({ key }) => key);
    const told = inLibrary(library, ({ store }) =>
      keys.map((key) => store.result(key)?.provenance.tensorflow),
    );
    expect(told.filter((engine) => engine === 'tfjs 4.22.0 (WebAssembly)').length).toBeGreaterThan(3);

    const out = join(folder, 'network.safetensors');
    const exported = await swampJson<{ evaluation: Evaluation; zeros: number }>(
      [
        'export',
        `${run.document.experiment}/${config.arms[0] === 'imp' ? 'imp' : 'swamp'}`,
        '--library',
        library,
        '--out',
        out,
      ],
      options,
    );
    expect(exported.code, exported.stderr).toBe(0);
    expect(exported.document.zeros).toBeGreaterThan(0);
    // Nothing was provided on the way.
    expect(readdirSync(folder).sort()).toEqual(
      ['experiment.json', 'library', 'network.safetensors', 'network.safetensors.md'].sort(),
    );

    const task: Task = { ...(tasks[0] as Task), backend: 'tensorflow-cpu' };
    const { evaluation, revived } = await checkExport(
      { task, source: { kind: 'digits' }, file: out, format: 'safetensors' },
      new Workspace(inject('engine')),
    );
    const ours = exported.document.evaluation;
    expect(revived).toBe(0);
    for (const part of ['validation', 'test'] as const)
      for (const metric of ['accuracy', 'nll', 'ece'] as const)
        expect(Math.abs((evaluation[part]?.[metric] ?? NaN) - (ours[part]?.[metric] ?? NaN))).toBeLessThan(
          // One probability that a rounding moves over the edge of a bin moves the error by half a thousandth.
          metric === 'ece' ? 1e-3 : 1e-5,
        );
  },
  600_000,
);
