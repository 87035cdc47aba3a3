import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { jobsOf, makeFolder, resultsOf, Running, swamp } from './cli.ts';

// Kills hosts and workers at random times, goes on each time, and compares what comes out with an undisturbed run:
//   npm run crash -- --kills 50

const { values } = parseArgs({ options: { kills: { type: 'string', default: '50' } } });
const wanted = Number(values.kills);
/** A process lives at most so long before it is killed, in milliseconds. */
const LONGEST = 9000;

const folder = makeFolder();
const file = join(folder, 'campaign.json');
writeFileSync(
  file,
  JSON.stringify({
    name: 'campaign',
    dataset: 'digits',
    model: { kind: 'lenet', hidden: [16] },
    recipe: { epochs: 30, batch: 128, optimizer: { kind: 'sgd', momentum: 0.9 } },
    ticket: { iterations: 20 },
    swa: { start: 0.05, every: 10 },
    sparsity: { kind: 'geometric', fraction: 0.3, rounds: 2 },
    arms: ['imp', { kind: 'swamp', particles: 3 }],
    threads: 1,
    workers: 2,
  }),
);

/** What was under way, as far as the library says. */
function under(library: string): string {
  try {
    if (!existsSync(join(library, 'swamp.db'))) return 'before the library was made';
    const running = [...jobsOf(library).values()].filter(({ state }) => state === 'running');
    const kinds = [...new Set(running.map(({ kind }) => kind))].toSorted();
    return kinds.length === 0 ? 'between jobs, or at the start' : kinds.join(' and ');
  } catch {
    return 'while the library was made';
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const hits = new Map<string, number>();
let kills = 0;
let ended = 0;
let equal = 0;

/** One experiment, from its start to its end, however often it is killed. @returns its library. */
async function survive(library: string): Promise<void> {
  for (;;) {
    const made = existsSync(join(library, 'swamp.db')) && jobsOf(library).size > 0;
    const args = made ? ['resume', 'campaign'] : ['run', file];
    const run = new Running([...args, '--library', library], { env: { SWAMP_CHECKPOINT_SECONDS: '0.2' } });
    let over = false;
    void run.ended.then(() => (over = true));
    while (!over && kills < wanted) {
      await Promise.race([run.ended, setTimeout(200 + Math.random() * LONGEST)]);
      if (over) break;
      const workers = run.children;
      const worker = Math.random() < 0.4 ? workers[Math.floor(Math.random() * workers.length)] : undefined;
      const where = `${worker === undefined ? 'host' : 'worker'}, ${under(library)}`;
      try {
        process.kill(worker ?? run.pid, 'SIGKILL');
      } catch {
        continue;
      }
      kills++;
      hits.set(where, (hits.get(where) ?? 0) + 1);
      if (worker === undefined) break;
    }
    const { code, stderr } = await run.ended;
    if (code === 0) return;
    // 5: a job lost its worker three times; going on tries it again.
    if (code !== null && code !== 5) throw new Error(`it ended with ${code}:\n${stderr}`);
  }
}

try {
  const undisturbed = join(folder, 'undisturbed');
  const first = await swamp(['run', file, '--library', undisturbed]);
  if (first.code !== 0) throw new Error(first.stderr);
  const expected = resultsOf(undisturbed);
  while (kills < wanted) {
    const library = join(folder, `library-${ended}`);
    await survive(library);
    ended++;
    if (isDeepStrictEqual(resultsOf(library), expected)) equal++;
    else say(`experiment ${ended} differs from the undisturbed one`);
    rmSync(library, { recursive: true });
  }
  say(`${kills} kills in ${ended} experiments of ${Object.keys(expected).length} jobs`);
  for (const [where, count] of [...hits].toSorted((a, b) => b[1] - a[1])) say(`  ${count} × ${where}`);
  say(`${equal} of ${ended} ended with the same objects and figures as the undisturbed run`);
  process.exitCode = equal === ended ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
