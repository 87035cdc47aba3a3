import type { EngineBuild } from '../src-main/contract/job.ts';
import { loadTensorFlow } from '../src-main/engine/tensorflow.ts';
import { describeModel, modelLayout, openModel } from '../src-main/models/registry.ts';
import { initialise } from '../src-main/training/initialise.ts';
import { trainingStep } from '../src-main/training/programs.ts';
import { takeTurns } from './turns.ts';

// The recorded training step as a worker runs it: ResNet-20 (width 16), batch 128, 32×32×3 bytes, SGD with
// momentum 0.9 and weight decay 1e-4. Prints one JSON document; `swamp bench step` starts it. With TURNS in the
// environment it takes turns with others (compare-step.ts).

const WARM_UP = 5;
const STEPS = Number(process.env['REPEATS'] ?? 30);
const BATCH = 128;
const SHAPE = [32, 32, 3] as const;
const CLASSES = 10;

const tensorflow = loadTensorFlow(JSON.parse(process.env['SWAMP_ENGINE'] ?? '{}') as EngineBuild);
const spec = { kind: 'resnet', depth: 20, width: 16 };
const description = describeModel(spec, SHAPE, CLASSES);
const layout = modelLayout(spec, SHAPE, CLASSES, false);
const normalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] };
const step = trainingStep(
  tensorflow,
  { model: openModel(spec), description, layout, classes: CLASSES, normalisation },
  { momentum: 0.9, nesterov: false, weightDecay: 1e-4 },
);
step.write('weights', initialise(layout, { kind: 'he-normal', fan: 'in' }, { seed: 1, member: 0 }));
step.write('velocity', new Float32Array(layout.total));
step.write('mask', new Float32Array(layout.total).fill(1));

const images = Uint8Array.from(
  { length: BATCH * SHAPE[0] * SHAPE[1] * SHAPE[2] },
  (_, at) => (at * 7919) % 256,
);
const labels = Int32Array.from({ length: BATCH }, (_, at) => at % CLASSES);
const feeds = {
  images: { shape: [BATCH, ...SHAPE], data: images },
  labels: { shape: [BATCH], data: labels },
  rate: { shape: [], data: Float32Array.of(0.01) },
};
const name = `swamp recorded step, TensorFlow ${tensorflow.version} ${tensorflow.device}`;
if (process.env['TURNS'] === undefined) {
  const times: number[] = [];
  for (let at = 0; at < WARM_UP + STEPS; at++) {
    const start = performance.now();
    step.run(feeds);
    if (at >= WARM_UP) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const result = { name, medianMs: times[Math.floor(times.length / 2)], minMs: times[0], steps: STEPS };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  await takeTurns(name, () => step.run(feeds));
}
