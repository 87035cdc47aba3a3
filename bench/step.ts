import type { EngineBuild } from '../src-main/contract/job.ts';
import { median } from '../src-main/contract/statistics.ts';
import { loadTensorFlow } from '../src-main/engine/tensorflow.ts';
import { loadWasm } from '../src-main/engine/wasm/load.ts';
import { networkTask } from '../src-main/training/fixtures.ts';
import { initialise } from '../src-main/training/initialise.ts';
import { trainingStep } from '../src-main/training/programs.ts';
import { takeTurns } from './turns.ts';

// The recorded training step as a worker runs it: ResNet-20 (width 16), batch 128, 32×32×3 bytes, SGD with
// momentum 0.9 and weight decay 1e-4. Prints one JSON document; `swamp bench step` starts it. With TURNS in the
// environment it takes turns with others (compare-step.ts, compare-workers.ts); MODEL names another network.

const WARM_UP = 5;
const STEPS = Number(process.env['REPEATS'] ?? 30);
const BATCH = 128;
const CLASSES = 10;
const models = {
  resnet20: { spec: { kind: 'resnet', depth: 20, width: 16 }, shape: [32, 32, 3] },
  resnet8: { spec: { kind: 'resnet', depth: 8, width: 16 }, shape: [16, 16, 3] },
  lenet: { spec: { kind: 'lenet' }, shape: [28, 28, 1] },
} as const;
const { spec, shape } = models[(process.env['MODEL'] ?? 'resnet20') as keyof typeof models];

const engine = JSON.parse(process.env['SWAMP_ENGINE'] ?? '{}') as EngineBuild;
const wasm = engine.variant === 'wasm';
const computer = wasm ? await loadWasm(engine) : loadTensorFlow(engine);
const task = networkTask(spec, shape, CLASSES);
const { layout } = task;
const step = trainingStep(computer, task, { momentum: 0.9, nesterov: false, weightDecay: 1e-4 });
step.write('weights', initialise(layout, { kind: 'he-normal', fan: 'in' }, { seed: 1, member: 0 }));
step.write('velocity', new Float32Array(layout.total));
step.write('mask', new Float32Array(layout.total).fill(1));

const images = Uint8Array.from(
  { length: BATCH * shape[0] * shape[1] * shape[2] },
  (_, at) => (at * 7919) % 256,
);
const labels = Int32Array.from({ length: BATCH }, (_, at) => at % CLASSES);
const feeds = {
  images: { shape: [BATCH, ...shape], data: images },
  labels: { shape: [BATCH], data: labels },
  rate: { shape: [], data: Float32Array.of(0.01) },
};
const { version, device } = computer;
const name = wasm ? `swamp step, ${version}` : `swamp recorded step, TensorFlow ${version} ${device}`;
if (process.env['TURNS'] === undefined) {
  const times: number[] = [];
  for (let at = 0; at < WARM_UP + STEPS; at++) {
    const start = performance.now();
    step.run(feeds);
    if (at >= WARM_UP) times.push(performance.now() - start);
  }
  const result = { name, medianMs: median(times), minMs: Math.min(...times), steps: STEPS };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  await takeTurns(name, () => step.run(feeds));
}
