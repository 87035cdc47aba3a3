import { parseArgs } from 'node:util';
import type { Input, Method, Output } from '../src-main/contract/api/index.ts';
import type { ExperimentId } from '../src-main/contract/ids.ts';
import { noEngines } from '../src-main/service/fixtures.ts';
import { Service } from '../src-main/service/service.ts';
import { openLibrary } from '../src-main/store/library.ts';

// What the window asks of a large library (bench/library.ts makes one), as long as a host and its desk take to answer.
// Prints one JSON document.

/** Milliseconds. */
export interface Times {
  /** Of the call that starts the desk. */
  readonly first: number;
  /** Of later ones, the middle and the longest. */
  readonly median: number;
  readonly longest: number;
}

const TIMES = 15;
const PAGE = 100;

type Call = <M extends Method>(method: M, input: Input<M>) => Promise<Output<M>>;

/** Asks for the table in many ways, for comparisons and curves. @param call asks a host of the library. */
export async function measureDesk(call: Call): Promise<Record<string, Times>> {
  const rows = (input: Partial<Input<'table.rows'>>) => (): Promise<Output<'table.rows'>> =>
    call('table.rows', { group: 'seeds', offset: 0, limit: PAGE, ...input });
  const times: Record<string, Times> = {};
  const measure = async (name: string, ask: () => Promise<unknown>): Promise<void> => {
    times[name] = await timesOf(ask);
  };
  await measure('first page, seeds as groups', rows({}));
  await measure('first page, single runs', rows({ group: 'none' }));
  await measure('far down', rows({ group: 'none', offset: 5000 }));
  for (const by of ['bestAccuracy', 'experiment', 'state', 'finalSparsity'] as const)
    await measure(`sorted by ${by}`, rows({ sort: { by, descending: true } }));
  await measure('search for two words', rows({ filter: { search: 'cifar swamp' } }));
  await measure('search without a hit', rows({ filter: { search: 'nowhere to be found' } }));
  await measure(
    'filtered by state, kind and tag',
    rows({
      filter: { states: ['done', 'failed'], kinds: ['swamp'], tags: ['star'] },
    }),
  );
  await measure('what there is to filter by', () => call('table.facets', {}));
  const { rows: page } = await call('table.rows', {
    group: 'none',
    filter: { states: ['done'] },
    offset: 0,
    limit: 200,
  });
  const experiments = [...new Set(page.map(({ experiment }) => experiment))] as ExperimentId[];
  const compare = (ids: readonly ExperimentId[], skip: number) => () =>
    call('experiments.compare', {
      experiments: ids.slice(skip),
      runs: page
        .filter(({ experiment }) => ids.slice(skip).includes(experiment))
        .slice(0, 20)
        .flatMap(({ runs }) => runs.map(({ run }) => run)),
    });
  await measure('20 runs of 4 experiments compared', compare(experiments.slice(0, 4), 0));
  await measure('20 experiments compared', compare(experiments.slice(4, 24), 0));
  const [one] = experiments;
  if (one === undefined) return times;
  await measure('an experiment shown', () => call('experiments.show', { experiment: one }));
  const { runs } = await call('experiments.show', { experiment: one });
  const jobs = runs
    .flatMap((run) => run.rounds.flatMap((round) => round.jobs))
    .filter(({ role }) => role === 'particle')
    .map(({ key }) => key);
  await measure('20 curves', () =>
    call('experiments.series', { jobs: [...new Set(jobs)].slice(0, 20), points: 1000 }),
  );
  return times;
}

async function timesOf(ask: () => Promise<unknown>): Promise<Times> {
  const taken: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const start = performance.now();
    await ask();
    taken.push(Number((performance.now() - start).toFixed(1)));
  }
  const [first = 0, ...later] = taken;
  later.sort((a, b) => a - b);
  return { first, median: later[Math.floor(later.length / 2)] ?? 0, longest: later.at(-1) ?? 0 };
}

/** A host of a library that trains nothing. */
export async function withHost<T>(folder: string, use: (service: Service) => Promise<T>): Promise<T> {
  const library = openLibrary(folder);
  const service = new Service({ library, app: 'bench', engines: noEngines });
  try {
    service.recover();
    return await use(service);
  } finally {
    await service.close();
    library.close();
  }
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('usage: desk.ts LIBRARY (bench/library.ts makes one)');
  const times = await withHost(folder, (service) =>
    measureDesk((method, input) => service.call(method, input)),
  );
  process.stdout.write(`${JSON.stringify(times, null, 2)}\n`);
}
