import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Series } from '../../src-main/contract/job.ts';
import type { Engine } from '../../src-main/engine/engine.ts';
import { ensureEngine } from '../../src-main/engine/provision/index.ts';
import { loadTensorFlow } from '../../src-main/engine/tensorflow.ts';
import { loadWasm } from '../../src-main/engine/wasm/load.ts';
import { average } from '../../src-main/averaging/average.ts';
import { barrier } from '../../src-main/statistics/instability.ts';
import {
  furthest,
  Looking,
  VALUES,
  type LandscapeReference,
} from '../../src-main/training/landscape.fixture.ts';

// Lines and surfaces that landscape_reference.py computed with PyTorch, computed by the jobs, on both engines. Usage: node
// landscape.ts FOLDER. Prints a Markdown table; exits with 1 where a bound is broken.

/** Relative difference of losses; differences of errors, of which an image more or less is a step; of places, by the extent. */
const LOSS = 1e-4;
const ERROR = 1e-9;
const PLACE = 1e-6;

const folder = process.argv[2] ?? '.';
const reference = JSON.parse(readFileSync(join(folder, 'landscape.json'), 'utf8')) as LandscapeReference;
const failures: string[] = [];

function cell(what: string, value: number, bound: number): string {
  const fine = value <= bound;
  if (!fine) failures.push(`${what}: ${value} is above ${bound}`);
  return `${value.toExponential(1)}${fine ? '' : ' **above the bound**'}`;
}

/** The largest difference of places and of the grid's sides, by the extent of the grid. */
function misplaced(series: Series): number {
  const { x, y, places } = reference.surface;
  const extent = Math.max(...x) - Math.min(...x);
  const pairs = [
    ...x.map((value, at) => [series['x']?.[at], value]),
    ...y.map((value, at) => [series['y']?.[at], value]),
    ...places.flatMap((place, at) =>
      ['placeX', 'placeY', 'placeDistance'].map((name, axis) => [series[name]?.[at], place[axis]]),
    ),
  ];
  return Math.max(...pairs.map(([ours = NaN, theirs = NaN]) => Math.abs(ours - theirs))) / extent;
}

async function compare(name: string, engine: Engine): Promise<string[]> {
  const looking = new Looking(engine, reference);
  const [a, b, c, d] = looking.solutions;
  if (!a || !b || !c || !d) throw new Error('the reference has four solutions');
  const line = (await looking.line([a, b], {})).series;
  const alpha = line['alpha'] ?? [];
  const barriers = Object.fromEntries(VALUES.map((value) => [value, [barrier(alpha, line[value] ?? [])]]));
  const theirs = Object.fromEntries(VALUES.map((value) => [value, [reference.barrier[value]]]));
  const grid = (await looking.surface([a, b, c], [d, average([a, b, c])])).series;
  const rows: [string, number, ReturnType<typeof furthest>, number | null][] = [
    ['line', alpha.length, furthest(line, reference.line), null],
    ['barrier', 1, furthest(barriers, theirs), null],
    ['surface', reference.grid.size ** 2, furthest(grid, reference.surface), misplaced(grid)],
    ['a solution', 1, furthest((await looking.measure(d)).series, reference.measured), null],
  ];
  return rows.map(([what, points, { loss, error }, place]) => {
    const cells = [
      what,
      name,
      points,
      cell(`losses, ${what}, ${name}`, loss, LOSS),
      cell(`errors, ${what}, ${name}`, error, ERROR),
      place === null ? '' : cell(`places, ${name}`, place, PLACE),
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

const tensorflow = loadTensorFlow(await ensureEngine());
const wasm = await loadWasm({ variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] });
const { trainLoss, testError } = reference.barrier;
const lines = [
  `ResNet-8 of width ${reference.width}, images of ${reference.shape.join('×')}, PyTorch ${reference.torch} in float64, seed ${reference.seed}; PyTorch's own float32 losses are ${reference.float64.toExponential(1)} from it. The barrier of training loss is ${trainLoss?.toFixed(3)}, of test error ${(100 * (testError ?? NaN)).toFixed(1)} points.`,
  '',
  '| what | engine | points | losses, largest relative difference | errors, largest difference | places, by the extent |',
  '|---|---|---|---|---|---|',
  ...(await compare('TensorFlow', tensorflow)),
  ...(await compare('WebAssembly', wasm)),
];
process.stdout.write(`${lines.join('\n')}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
