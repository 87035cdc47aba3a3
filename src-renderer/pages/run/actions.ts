import type { ExperimentId, RunId } from '../../../src-main/contract/ids.ts';
import { count } from '../../../src-main/report/format.ts';
import { ref, type Ref } from 'vue';
import { host } from '../../host.ts';
import { useNotices } from '../../stores/notices.ts';

/** What can be asked of an experiment; one thing at a time. */
export interface RunActions {
  /** What is under way. */
  readonly busy: Readonly<Ref<'pause' | 'resume' | 'cancel' | 'retry' | null>>;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  readonly cancel: () => Promise<void>;
  readonly retry: (run?: RunId) => Promise<void>;
}

export function useRunActions(experiment: () => ExperimentId, refresh: () => void): RunActions {
  const notices = useNotices();
  const busy = ref<'pause' | 'resume' | 'cancel' | 'retry' | null>(null);

  async function act(
    what: NonNullable<typeof busy.value>,
    failed: string,
    run: () => Promise<string>,
  ): Promise<void> {
    if (busy.value !== null) return;
    busy.value = what;
    try {
      const said = await run();
      if (said !== '') notices.say(said);
    } catch (error) {
      notices.fail(error, failed);
    } finally {
      busy.value = null;
      refresh();
    }
  }

  const one = (): { experiment: ExperimentId } => ({ experiment: experiment() });
  return {
    busy,
    pause: () =>
      act('pause', 'It could not be paused', async () => {
        await host.call('experiments.pause', one());
        return '';
      }),
    resume: () =>
      act('resume', 'It could not go on', async () => {
        await host.call('experiments.resume', one());
        return '';
      }),
    cancel: () =>
      act('cancel', 'It could not be cancelled', async () => {
        const { cancelled } = await host.call('experiments.cancel', one());
        return `Given up: ${jobs(cancelled)}. What is finished stays.`;
      }),
    retry: (run) =>
      act('retry', 'It could not be tried again', async () => {
        const { jobs: waiting } = await host.call('experiments.retry', {
          ...one(),
          ...(run === undefined ? {} : { run }),
        });
        return `${jobs(waiting)} in the queue again`;
      }),
  };
}

const jobs = (number: number): string => `${count(number)} ${number === 1 ? 'job' : 'jobs'}`;
