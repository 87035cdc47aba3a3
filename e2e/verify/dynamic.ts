import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureEngine } from '../../src-main/engine/provision/index.ts';
import { loadTensorFlow } from '../../src-main/engine/tensorflow.ts';
import { undisturbed } from '../../src-main/training/fixtures.ts';
import {
  caseTask,
  distance,
  flatOf,
  runCase,
  type DynamicCase,
  type DynamicReference,
} from '../../src-main/training/group.fixture.ts';

// Trains what dynamic_reference.py trained, masks that change on the way included, and compares. Usage: node dynamic.ts
// FOLDER. Prints a Markdown table; exits with 1 where a bound is broken.

const WEIGHTS = 1e-3;

const folder = process.argv[2] ?? '.';
const reference = JSON.parse(readFileSync(join(folder, 'dynamic.json'), 'utf8')) as DynamicReference;
const tensorflow = loadTensorFlow(await ensureEngine());
const failures: string[] = [];

async function compare(one: DynamicCase): Promise<string> {
  const { layout } = caseTask(reference, one);
  const { masks, mask, weights } = await runCase(tensorflow, reference, one, undisturbed());
  const wrong = one.masks.reduce(
    (sum, theirs, update) => sum + [...theirs].filter((bit, at) => bit !== masks[update]?.[at]).length,
    0,
  );
  const furthest = Math.max(
    ...one.final.map((theirs, particle) =>
      distance(weights[particle] ?? new Float32Array(0), flatOf(layout, theirs)),
    ),
  );
  const revived = weights.reduce(
    (sum, each) => sum + each.filter((value, at) => mask[at] === 0 && value !== 0).length,
    0,
  );
  if (wrong > 0) failures.push(`${one.name}: ${wrong} bits of its masks are not PyTorch's`);
  if (!(furthest <= WEIGHTS)) failures.push(`${one.name}: weights are ${furthest} apart`);
  if (revived > 0) failures.push(`${one.name}: ${revived} pruned weights are not zero`);
  const cells = [
    one.name,
    one.particles,
    `${one.steps}, seed ${one.seed}`,
    one.masks.length,
    `${one.start} → ${one.end}`,
    wrong,
    furthest.toExponential(1),
    one.float64.toExponential(1),
    revived,
  ];
  return `| ${cells.join(' | ')} |`;
}

const lines = [
  '| case | particles | steps | updates | weights alive | bits of masks that differ | last weights | PyTorch from its own float64 | pruned weights not zero |',
  '|---|---|---|---|---|---|---|---|---|',
];
for (const one of reference.cases) lines.push(await compare(one));
process.stdout.write(`${lines.join('\n')}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
