import { ExitCode } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { findExperiments, type Found } from '../experiment/find.ts';
import { requireDataOf } from './data-loading.ts';
import { follow } from './follow.ts';
import type { Output } from './output.ts';
import { withService, type Host } from './service.ts';
import { interruptible, withLibrary, type CommonOptions } from './session.ts';

/** `swamp pause EXPERIMENT|SWEEP` */
export async function pause(text: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  const found = await find(text, options);
  const ended = await endEach(found, options, output, async ({ client }, experiment) => {
    const { state } = await client.call('experiments.pause', { experiment });
    return { experiment, state };
  });
  tell(
    found,
    ended,
    output,
    ({ experiment, state }) => `${experiment} is ${state}`,
    (id) => `\`swamp resume ${id}\` goes on.`,
  );
  return ExitCode.ok;
}

/** `swamp cancel EXPERIMENT|SWEEP` */
export async function cancel(text: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  const found = await find(text, options);
  const ended = await endEach(found, options, output, async ({ client }, experiment) => {
    const { state, cancelled } = await client.call('experiments.cancel', { experiment });
    return { experiment, state, cancelled };
  });
  tell(
    found,
    ended,
    output,
    ({ experiment, state, cancelled }) => `${experiment} is ${state}: ${cancelled} jobs given up`,
    () => 'What is finished is kept.',
  );
  return ExitCode.ok;
}

/** From the last of a sweep on, so that none gets its turn meanwhile; those of it that are over are left alone. */
async function endEach<Ended>(
  { sweep, experiments }: Found,
  options: CommonOptions,
  output: Output,
  end: (host: Host, experiment: ExperimentId) => Promise<Ended>,
): Promise<Ended[]> {
  return await withService(options, output, async (host) => {
    const ended: Ended[] = [];
    for (const experiment of experiments.toReversed()) {
      const { state } = host.library.store.experiment(experiment);
      if (sweep === null || (state !== 'done' && state !== 'cancelled'))
        ended.push(await end(host, experiment));
    }
    return ended.reverse();
  });
}

function tell<Ended>(
  { sweep, experiments }: Found,
  ended: readonly Ended[],
  output: Output,
  line: (one: Ended) => string,
  closing: (id: string) => string,
): void {
  const json = sweep === null ? ended[0] : { sweep, experiments: ended };
  output.result(json, () => {
    if (ended.length === 0) return `Nothing of ${sweep} is left to end.`;
    return [...ended.map(line), closing(sweep ?? experiments[0] ?? '')].join('\n');
  });
}

/** `swamp retry EXPERIMENT|RUN` */
export async function retry(text: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  const { experiment, run } = await withLibrary(
    options,
    ({ store }): { experiment: ExperimentId; run?: RunId } => {
      if (!text.includes('/')) return { experiment: store.findExperiment(text, 'without', 'with') };
      const found = store.findRun(text);
      return { experiment: store.run(found).experiment, run: found };
    },
  );
  await requireDataOf(experiment, options);
  return await interruptible((signal) =>
    withService(options, output, async (host) => {
      const { jobs } = await host.client.call('experiments.retry', { experiment, ...(run ? { run } : {}) });
      output.note(`${jobs} job${jobs === 1 ? '' : 's'} of ${run ?? experiment} wait again`);
      return await follow(host, experiment, output, signal);
    }),
  );
}

async function find(text: string, options: CommonOptions): Promise<Found> {
  return await withLibrary(options, ({ store }) => findExperiments(store, text, 'with'));
}
