import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { engineEnvironment } from '../src-main/engine/environment.ts';
import { ensureEngine } from '../src-main/engine/provision/index.ts';

// npm run bench:step: one training step of ResNet-20 in this program, in plain tfjs, and in the Python frameworks
// that the interpreters in SWAMP_BENCH_PYTHON (separated by colons) have. Every contender is a process that waits
// for its turn; they take turns of a few steps, ROUNDS times, so that what else the machine does hits all alike.
// Prints a Markdown table.

const ROUNDS = Number(process.env['ROUNDS'] ?? 8);
const STEPS = Number(process.env['STEPS'] ?? 4);
const threads = Number(process.env['THREADS'] ?? availableParallelism());
/** Between turns: the threads of the one before go on spinning for a while. */
const PAUSE_MS = 300;

const pythons = (process.env['SWAMP_BENCH_PYTHON'] ?? '').split(':').filter(Boolean);
const peers = [
  ['torch-compile', 'torch'],
  ['torch-channels-last', 'torch'],
  ['torch', 'torch'],
  ['torch-bf16', 'torch'],
  ['jax', 'jax'],
  ['tf', 'tensorflow'],
] as const;

class Contender {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;
  readonly times: number[] = [];
  /** Milliseconds of processor time a step, of each turn. */
  readonly cpu: number[] = [];
  /** Median of each turn. */
  readonly turns: number[] = [];
  name = '';

  constructor(command: string, parameters: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(command, parameters, {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
    });
    if (!this.#child.stdout) throw new Error('no output');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until it is warm. */
  async start(): Promise<void> {
    ({ name: this.name } = JSON.parse(await this.#line()) as { name: string });
  }

  async turn(): Promise<void> {
    this.#child.stdin?.write(`${STEPS}\n`);
    const { times, cpuMs } = JSON.parse(await this.#line()) as { times: number[]; cpuMs: number };
    this.times.push(...times);
    this.cpu.push(cpuMs / times.length);
    this.turns.push(median(times));
  }

  end(): void {
    this.#child.stdin?.end();
    this.#child.kill();
  }

  async #line(): Promise<string> {
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error(`${this.name || 'a contender'} ended`);
    return value;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

function pythonWith(module: string): string | undefined {
  return pythons.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
}

const engine = await ensureEngine();
const ours = { ...engineEnvironment(engine, threads), SWAMP_ENGINE: JSON.stringify(engine), TURNS: '1' };
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const contenders: Contender[] = [];
const wanted = process.env['CONTENDERS']?.split(',');
const own = (script: string) => () =>
  new Contender(process.execPath, ['--disable-warning=DEP0044', beside(script)], ours);
const starts: (readonly [string, () => Contender | undefined])[] = [
  ['step', own('step.ts')],
  ['eager', own('tfjs-eager.ts')],
  ...peers.map(
    ([kind, module]) =>
      [
        kind,
        () => {
          const python = pythonWith(module);
          const env = { THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
          if (python === undefined) return undefined;
          return new Contender(python, [beside('peers/resnet20_step.py'), kind], env);
        },
      ] as const,
  ),
];
// Whatever happens, no process is left behind.
try {
  for (const [kind, start] of starts) {
    if (wanted && !wanted.includes(kind)) continue;
    const contender = start();
    if (!contender) {
      process.stderr.write(`${kind}: no Python in SWAMP_BENCH_PYTHON has it\n`);
      continue;
    }
    contenders.push(contender);
    await contender.start();
    process.stderr.write(`${contender.name} is ready\n`);
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const contender of contenders) {
      await contender.turn();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
} finally {
  for (const contender of contenders) contender.end();
}

const [first] = contenders;
const format = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));
process.stdout.write(
  `${ROUNDS} rounds of ${STEPS} steps each, by turns, ${threads} threads.\n\n` +
    '| | median ms a step | fastest | processor ms | recorded step ÷ this: median (turns, lowest to highest) | fastest | processor |\n|---|---|---|---|---|---|---|\n',
);
for (const { name, times, turns, cpu } of contenders) {
  if (!first) break;
  const shares = first.turns.map((value, turn) => value / (turns[turn] ?? NaN));
  const range = `${Math.min(...shares).toFixed(2)} to ${Math.max(...shares).toFixed(2)}`;
  const cells = [
    name,
    format(median(times)),
    format(Math.min(...times)),
    format(median(cpu)),
    `${(median(first.times) / median(times)).toFixed(2)} (${range})`,
    (Math.min(...first.times) / Math.min(...times)).toFixed(2),
    (median(first.cpu) / median(cpu)).toFixed(2),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
