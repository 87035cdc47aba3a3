import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from '../src-main/contract/statistics.ts';
import { ensureEngine } from '../src-main/engine/provision/index.ts';
import { Contender, watchOthers } from './contender.ts';

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
/** MODEL=lenet times LeNet-300-100 instead, against PyTorch alone. */
const lenet = process.env['MODEL'] === 'lenet';
const peersOfLenet = [
  ['lenet-compile', 'torch'],
  ['lenet', 'torch'],
] as const;
const peersOfResnet = [
  ['torch-compile', 'torch'],
  ['torch-channels-last', 'torch'],
  ['torch', 'torch'],
  ['torch-bf16', 'torch'],
  ['jax', 'jax'],
  ['tf', 'tensorflow'],
] as const;

function pythonWith(module: string): string | undefined {
  return pythons.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
}

const engine = await ensureEngine();
const peers = fileURLToPath(new URL('peers/resnet20_step.py', import.meta.url));
const contenders: Contender[] = [];
const wanted = process.env['CONTENDERS']?.split(',');
const own = (script: string) => () => Contender.ours(engine, threads, {}, script);
const starts: (readonly [string, () => Contender | undefined])[] = [
  ['step', own('step.ts')],
  ...(lenet ? [] : [['eager', own('tfjs-eager.ts')] as const]),
  ...(lenet ? peersOfLenet : peersOfResnet).map(
    ([kind, module]) =>
      [
        kind,
        () => {
          const python = pythonWith(module);
          const env = { THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
          if (python === undefined) return undefined;
          return new Contender(python, [peers, kind], env);
        },
      ] as const,
  ),
];
let told = '';
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
  const others = watchOthers();
  for (let round = 0; round < ROUNDS; round++)
    for (const contender of contenders) {
      await contender.turn(STEPS);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  told = others(contenders);
} finally {
  for (const contender of contenders) contender.end();
}

const [first] = contenders;
const format = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));
process.stdout.write(
  `${ROUNDS} rounds of ${STEPS} steps each, by turns, ${threads} threads. ${told}\n\n` +
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
