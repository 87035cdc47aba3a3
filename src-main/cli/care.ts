import { ExitCode } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { requireDataOf } from './data-loading.ts';
import { follow } from './follow.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { interruptible, withLibrary, type CommonOptions } from './session.ts';

/** `swamp pause EXPERIMENT` */
export async function pause(text: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  const experiment = await find(text, options);
  const { state } = await withService(options, output, ({ client }) =>
    client.call('experiments.pause', { experiment }),
  );
  output.result(
    { experiment, state },
    () => `${experiment} is ${state}; \`swamp resume ${experiment}\` goes on.`,
  );
  return ExitCode.ok;
}

/** `swamp cancel EXPERIMENT` */
export async function cancel(text: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  const experiment = await find(text, options);
  const { state, cancelled } = await withService(options, output, ({ client }) =>
    client.call('experiments.cancel', { experiment }),
  );
  output.result(
    { experiment, state, cancelled },
    () => `${experiment} is ${state}: ${cancelled} jobs given up, what is finished is kept.`,
  );
  return ExitCode.ok;
}

/** `swamp retry EXPERIMENT|RUN` */
export async function retry(text: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  const { experiment, run } = await withLibrary(
    options,
    ({ store }): { experiment: ExperimentId; run?: RunId } => {
      if (!text.includes('/')) return { experiment: store.findExperiment(text) };
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

async function find(text: string, options: CommonOptions): Promise<ExperimentId> {
  return await withLibrary(options, ({ store }) => store.findExperiment(text));
}
