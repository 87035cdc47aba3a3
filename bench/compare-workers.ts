import { median } from '../src-main/contract/statistics.ts';
import { ensureEngine } from '../src-main/engine/provision/index.ts';
import { Contender, watchOthers } from './contender.ts';

// npm run bench:workers: does a machine of two cores get more done with two workers of one thread each, or with one
// worker of two threads? By turns, as in compare-step.ts; the two workers take theirs at the same time. What
// experiment/resolve.ts chooses rests on this. Prints a Markdown table.

const ROUNDS = Number(process.env['ROUNDS'] ?? 8);
/** About a second of steps. */
const models = { lenet: 300, resnet8: 30, resnet20: 4 };

const engine = await ensureEngine();

const contender = (model: string, threads: number): Contender =>
  Contender.ours(engine, threads, { MODEL: model });

process.stdout.write(
  '| network, batch 128 | 1 worker × 2 threads: ms a step | 2 workers × 1 thread: ms a step | ms for each step of the two together | gain (median) | gain (fastest) |\n' +
    '|---|---|---|---|---|---|\n',
);
for (const [model, steps] of Object.entries(models)) {
  const one = [contender(model, 2)];
  const two = [contender(model, 1), contender(model, 1)];
  try {
    for (const each of [...one, ...two]) await each.start();
    const others = watchOthers();
    for (let round = 0; round < ROUNDS; round++)
      for (const team of [one, two]) {
        await Promise.all(team.map((each) => each.turn(steps)));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    process.stderr.write(`${model}: ${others([...one, ...two])}\n`);
  } finally {
    for (const each of [...one, ...two]) each.end();
  }
  const times = (team: readonly Contender[]): number[] => team.flatMap((each) => each.times);
  const fastest = (team: readonly Contender[]): number => Math.min(...times(team));
  const [slow, quick] = [median(times(one)), median(times(two))];
  const cells = [model, slow.toFixed(2), quick.toFixed(2), (quick / 2).toFixed(2)];
  const gains = [slow / (quick / 2), fastest(one) / (fastest(two) / 2)].map((gain) => gain.toFixed(2));
  process.stdout.write(`| ${[...cells, ...gains].join(' | ')} |\n`);
}
