import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureEngine } from '../../src-main/engine/provision/index.ts';
import { engineEnvironment } from '../../src-main/engine/environment.ts';

// npm run verify [-- --cifar DIR]: the program against PyTorch and Python's safetensors. Prints Markdown; exits
// with 1 where a bound is broken. What it said is in docs/verification.md.

const { values } = parseArgs({ options: { cifar: { type: 'string' } } });
const work = mkdtempSync(join(tmpdir(), 'swamp-verify-'));
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const cli = beside('../../src-main/cli.ts');
let failed = false;

interface Options {
  readonly env?: Record<string, string>;
  /** Go on where the command fails, and exit with 1 in the end. */
  readonly lenient?: boolean;
}

/** What the command writes to standard output; the rest goes to standard error. */
function run(
  command: string,
  parameters: readonly string[],
  { env = {}, lenient = false }: Options = {},
): string {
  const { status, stdout, error } = spawnSync(command, parameters, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) {
    failed = true;
    if (!lenient) throw new Error(`${command} ${parameters.join(' ')} ended with ${status}`);
  }
  return stdout;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function pythonWithPackages(): string {
  const given = process.env['SWAMP_VERIFY_PYTHON'];
  if (given !== undefined && given !== '') return given;
  const python = process.env['SWAMP_PYTHON'] ?? 'python3';
  tell(
    'Installing PyTorch into a virtual environment that is deleted afterwards (some GB; name a Python that',
  );
  tell('has it in SWAMP_VERIFY_PYTHON to spare that)');
  const folder = join(work, 'venv');
  run(python, ['-m', 'venv', folder]);
  const own = join(folder, 'bin', 'python');
  run(own, ['-m', 'pip', 'install', '--quiet', '--requirement', beside('requirements.txt')]);
  return own;
}

function verifySteps(python: string, engine: Record<string, string>): string {
  const folder = join(work, 'reference');
  const cifar = values.cifar === undefined ? [] : ['--cifar', values.cifar];
  tell('Training with PyTorch');
  tell(run(python, [beside('torch_reference.py'), folder, ...cifar]).trimEnd());
  tell('Training with the recorded steps');
  return run(process.execPath, [beside('train-steps.ts'), folder], { env: engine, lenient: true });
}

function verifyScores(python: string, engine: Record<string, string>): string {
  const folder = join(work, 'scores');
  const cifar = values.cifar === undefined ? [] : ['--cifar', values.cifar];
  tell('Scores and second derivatives with PyTorch');
  tell(run(python, [beside('scores_reference.py'), folder, ...cifar]).trimEnd());
  tell('Scores and second derivatives with both engines');
  return run(process.execPath, [beside('scores.ts'), folder], { env: engine, lenient: true });
}

function verifyDynamic(python: string, engine: Record<string, string>): string {
  const folder = join(work, 'dynamic');
  tell('Training with masks that change, with PyTorch');
  tell(run(python, [beside('dynamic_reference.py'), folder]).trimEnd());
  tell('The same with the recorded steps');
  return run(process.execPath, [beside('dynamic.ts'), folder], { env: engine, lenient: true });
}

function verifyFlatness(python: string, engine: Record<string, string>): string {
  const folder = join(work, 'flatness');
  const cifar = values.cifar === undefined ? [] : ['--cifar', values.cifar];
  tell('The whole Hessian of a small network with PyTorch');
  tell(run(python, [beside('flatness_reference.py'), folder, ...cifar]).trimEnd());
  tell('Its trace and eigenvalues with both engines');
  return run(process.execPath, [beside('flatness.ts'), folder], { env: engine, lenient: true });
}

function verifyLandscape(python: string, engine: Record<string, string>): string {
  const folder = join(work, 'landscape');
  const cifar = values.cifar === undefined ? [] : ['--cifar', values.cifar];
  tell('Lines and surfaces with PyTorch');
  tell(run(python, [beside('landscape_reference.py'), folder, ...cifar]).trimEnd());
  tell('Lines and surfaces with both engines');
  return run(process.execPath, [beside('landscape.ts'), folder], { env: engine, lenient: true });
}

function verifyCorruptions(python: string): string {
  const folder = join(work, 'corruptions');
  const cifar = values.cifar === undefined ? [] : ['--cifar', values.cifar];
  mkdirSync(folder);
  run(process.execPath, [beside('corruptions.ts'), folder, '--textures']);
  tell('Corrupting images with SciPy, scikit-image and Pillow');
  tell(run(python, [beside('corruptions_reference.py'), folder, ...cifar]).trimEnd());
  tell('The same with the program');
  return run(process.execPath, [beside('corruptions.ts'), folder], { lenient: true });
}

/** Runs a small experiment on the digits and has Python count the zeros of what is exported. */
function verifyZeros(python: string): string {
  tell('Running a small experiment');
  const library = join(work, 'library');
  const settings = [
    'recipe.epochs=1',
    'ticket.epochs=1',
    'sparsity.rounds=4',
    'sparsity.fraction=0.5',
    'recipe.optimizer={"momentum":0.9,"weightDecay":0.0005}',
    'recipe.learningRate=0.05',
    'arms=[{"kind":"swamp","particles":2}]',
  ].flatMap((setting) => ['--set', setting]);
  const swamp = (...parameters: string[]): string =>
    run(process.execPath, [cli, ...parameters, '--library', library, '--json']);
  const last = swamp('run', 'demo', ...settings)
    .trimEnd()
    .split('\n')
    .at(-1);
  const { experiment } = JSON.parse(last ?? '{}') as { experiment: string };
  const file = join(work, 'exported.safetensors');
  swamp('export', `${experiment}/swamp-2/1`, '--format', 'safetensors', '--out', file);
  return run(python, [beside('count_zeros.py'), file], { lenient: true });
}

try {
  const python = pythonWithPackages();
  const engine = engineEnvironment(await ensureEngine(), 2);
  const steps = verifySteps(python, engine);
  const scores = verifyScores(python, engine);
  const dynamic = verifyDynamic(python, engine);
  const flatness = verifyFlatness(python, engine);
  const landscape = verifyLandscape(python, engine);
  const corruptions = verifyCorruptions(python);
  const zeros = verifyZeros(python);
  process.stdout.write(
    `## Training steps\n\n${steps}\n## Scores and second derivatives\n\n${scores}\n## Masks that change in training\n\n${dynamic}\n## Flatness\n\n${flatness}\n## Lines and surfaces\n\n${landscape}\n## Corruptions\n\n${corruptions}\n## Zeros of an exported checkpoint\n\n\`\`\`\n${zeros}\`\`\`\n`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
