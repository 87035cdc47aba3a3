import { median } from '../src-main/contract/statistics.ts';
import { ensureEngine } from '../src-main/engine/provision/index.ts';
import { Contender, watchOthers } from './contender.ts';

// npm run bench:wasm: the training step on WebAssembly against the recorded one on TensorFlow with one thread, by turns
// (compare-step.ts says why). Processor time as well: it counts less of what else the machine does. Prints a Markdown
// table.

const ROUNDS = Number(process.env['ROUNDS'] ?? 6);
/** Steps a turn: about a second on WebAssembly. */
const models = { lenet: 60, resnet8: 4, resnet20: 1 };

const tensorflow = await ensureEngine();
const wasm = await ensureEngine({ variant: 'wasm' });

process.stdout.write(
  '| network, batch 128 | WebAssembly: median ms a step | fastest | processor | TensorFlow, 1 thread: median | fastest | processor | times slower: median | fastest | processor |\n' +
    '|---|---|---|---|---|---|---|---|---|---|\n',
);
for (const [model, steps] of Object.entries(models)) {
  const contenders = [wasm, tensorflow].map((engine) => Contender.ours(engine, 1, { MODEL: model }));
  try {
    for (const contender of contenders) await contender.start();
    const others = watchOthers();
    for (let round = 0; round < ROUNDS; round++)
      for (const contender of contenders) await contender.turn(steps);
    process.stderr.write(`${model}: ${others(contenders)}\n`);
  } finally {
    for (const contender of contenders) contender.end();
  }
  const [ours = [], theirs = []] = contenders.map(({ times, cpu }) => [
    median(times),
    Math.min(...times),
    median(cpu),
  ]);
  const cells = [...ours, ...theirs].map((value) => value.toFixed(value < 10 ? 2 : 0));
  const ratios = ours.map((value, at) => (value / (theirs[at] ?? NaN)).toFixed(1));
  process.stdout.write(`| ${[model, ...cells, ...ratios].join(' | ')} |\n`);
}
