import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { traceOf } from '../../src-main/analysis/hutchinson.ts';
import type { Engine } from '../../src-main/engine/engine.ts';
import { ensureEngine } from '../../src-main/engine/provision/index.ts';
import { loadTensorFlow } from '../../src-main/engine/tensorflow.ts';
import { loadWasm } from '../../src-main/engine/wasm/load.ts';
import { Flatness, type FlatnessReference } from '../../src-main/training/flatness.fixture.ts';

// The trace of the Hessian and its largest eigenvalues as flatness_reference.py has them of the whole matrix, by the jobs on both
// engines. Usage: node flatness.ts FOLDER
// Prints a Markdown table; exits with 1 where a bound is broken.

/** Norm of the difference of products by the norm; eigenvalues by themselves; the trace by its own standard error. */
const DISTANCE = 1e-4;
const EIGENVALUE = 0.01;
const STANDARD_ERRORS = 2;
const PROBES = 64;

const folder = process.argv[2] ?? '.';
const reference = JSON.parse(readFileSync(join(folder, 'flatness.json'), 'utf8')) as FlatnessReference;
const failures: string[] = [];

function held(what: string, value: number, bound: number): string {
  if (value <= bound) return '';
  failures.push(`${what}: ${value} is above ${bound}`);
  return ' **above the bound**';
}

async function row(name: 'dense' | 'masked', engineName: string, engine: Engine): Promise<string> {
  const given = reference[name];
  const what = `${name}, ${engineName}`;
  const flatness = new Flatness(engine, reference, name);
  const distance = await flatness.distance();
  const { mean, standardError } = traceOf((await flatness.trace({ probes: PROBES })).series['probe'] ?? []);
  const away = Math.abs(mean - given.trace) / (standardError ?? NaN);
  const { series } = await flatness.eigenvalues();
  const found = series['eigenvalue'] ?? [];
  const worst = Math.max(
    ...given.eigenvalues.slice(0, 5).map((value, at) => Math.abs((found[at] ?? NaN) / value - 1)),
  );
  const cells = [
    name,
    engineName,
    String(given.alive),
    `${distance.toExponential(1)}${held(`products, ${what}`, distance, DISTANCE)}`,
    given.trace.toFixed(2),
    `${mean.toFixed(2)} ± ${(standardError ?? NaN).toFixed(2)}${held(`trace, ${what}`, away, STANDARD_ERRORS)}`,
    given.eigenvalues
      .slice(0, 5)
      .map((value) => value.toFixed(2))
      .join(', '),
    `${worst.toExponential(1)}${held(`eigenvalues, ${what}`, worst, EIGENVALUE)} (${series['products']?.[0]} products)`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const tensorflow = loadTensorFlow(await ensureEngine());
const wasm = await loadWasm({ variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] });
const { torch, seed, float64, width, shape, looks } = reference;
const lines = [
  `ResNet-8 of width ${width}, ${looks.images} images of ${shape[0]}×${shape[1]}, PyTorch ${torch} in float64, seed ${seed}; PyTorch's own float32 is ${float64.toExponential(1)} from it. ${PROBES} probes; five eigenvalues to 1 %.`,
  '',
  '| case | engine | rows of H | H·v, distance by the norm | trace of the whole matrix | ours ± standard error | largest eigenvalues | ours, largest relative difference |',
  '|---|---|---|---|---|---|---|---|',
];
for (const name of ['dense', 'masked'] as const) {
  lines.push(await row(name, 'TensorFlow', tensorflow));
  lines.push(await row(name, 'WebAssembly', wasm));
}
process.stdout.write(`${lines.join('\n')}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
