import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

// How long analyses with their default options take on this machine, for ResNet-20 on 32×32 images: a heat map of connectivity over ten
// rounds and a loss surface of 25 × 25 points. node bench/analyses.ts [--rounds N] [--size N] prints one JSON document. What
// the networks have learned does not matter: they are trained for some steps on noise.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    size: { type: 'string', default: '25' },
  },
});

const TRAINING = 1280;
const TEST = 1000;
const RECORD = 1 + 3 * 32 * 32;

const folder = mkdtempSync(join(tmpdir(), 'swamp-bench-analyses-'));
const cli = fileURLToPath(new URL('../src-main/cli.ts', import.meta.url));
const library = join(folder, 'library');

/** Images of noise in CIFAR-10's form: the time of a forward pass does not depend on what is in them. */
function writeImages(name: string, count: number): void {
  const bytes = new Uint8Array(count * RECORD);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = at % RECORD === 0 ? (at / RECORD) % 10 : Math.imul(at, 2654435761) >>> 24;
  writeFileSync(join(folder, name), bytes);
}

/** The document that a command prints. */
function swamp<Result>(...parameters: string[]): Result {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--disable-warning=DEP0044', cli, ...parameters, '--library', library, '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(`swamp ${parameters.join(' ')} ended with ${status}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Result;
}

function train(name: string, arm: object, rounds: number): string {
  const file = join(folder, `${name}.json`);
  const config = {
    name,
    dataset: { kind: 'cifar10', path: folder },
    model: { kind: 'resnet', depth: 20, width: 16 },
    recipe: { epochs: 2, batch: 128, schedule: { kind: 'cosine' } },
    ticket: { epochs: 1 },
    sparsity: { kind: 'geometric', fraction: 0.2, rounds },
    arms: [arm],
    seeds: [1],
  };
  writeFileSync(file, JSON.stringify(config));
  return swamp<{ experiment: string }>('run', file).experiment;
}

/** Seconds of an analysis, as it was expected and as it was. */
function time(points: number, ...parameters: string[]): object {
  const { seconds: expected } = swamp<{ seconds: number | null }>('analyze', ...parameters, '--dry-run');
  const start = performance.now();
  swamp('analyze', ...parameters);
  const seconds = (performance.now() - start) / 1000;
  return { points, seconds, expected, msPerPoint: (1000 * seconds) / points };
}

try {
  writeImages('data_batch_1.bin', TRAINING);
  writeImages('test_batch.bin', TEST);
  const rounds = Number(values.rounds);
  const size = Number(values.size);
  const imp = train('bench-rounds', { kind: 'imp' }, rounds - 1);
  const swampRun = train('bench-particles', { kind: 'swamp', particles: 3 }, 1);
  const lines = (rounds * (rounds - 1)) / 2;
  const results = {
    connectivity: time(5 * lines + rounds, 'connectivity', `${imp}/imp/1`, '--set', 'pairs=all'),
    surface: time(size ** 2 + 4, 'surface', `${swampRun}/swamp-3/1@0`, '--set', `size=${size}`),
  };
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
